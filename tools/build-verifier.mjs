// Bundles the verifier that every report package carries: one file, no dependency, no network, Node 18 or newer.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Writes `outfile`; answers its path. */
export async function buildVerifier(outfile = join(root, 'services/reports/app/dist/verify.mjs')) {
  await build({
    entryPoints: [join(root, 'services/reports/app/src/verifier/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'esm',
    conditions: ['source'],
    banner: { js: '// Verifies a report package. Read VERIFY.md first: it also tells how to do without this file.' },
    legalComments: 'none',
    logLevel: 'error',
  })
  return outfile
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildVerifier(process.argv[2])
