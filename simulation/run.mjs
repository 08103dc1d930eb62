/** `npm run simulate -- [--seed S] [--runs N] …`: bundles the sources and runs them; see README.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = new URL('../', import.meta.url)
const ours = {
  name: 'ours',
  setup(bundler) {
    bundler.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked' || from.kind === 'entry-point') return undefined
      if (!path.startsWith('.') && !path.startsWith('@weir/')) return { path, external: true }
      // No module of ours does anything by being loaded: a transport that nothing uses is not in the bundle.
      return { ...(await bundler.resolve(path, { ...from, pluginData: 'asked' })), sideEffects: false }
    })
  },
}
const { outputFiles } = await build({
  absWorkingDir: new URL('.', root).pathname,
  entryPoints: ['simulation/src/main.ts'],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  conditions: ['source'],
  // Imports of types alone are dropped: no part of a transport or of a database client is loaded.
  tsconfigRaw: { compilerOptions: { experimentalDecorators: true, target: 'es2024' } },
  sourcemap: 'inline',
  plugins: [ours],
})
// Whoever reads may have seen enough.
process.stdout.on('error', () => undefined)
// Beside the packages that it imports by name.
const folder = mkdtempSync(join(root.pathname, 'node_modules', '.simulation-'))
try {
  const file = join(folder, 'simulate.mjs')
  writeFileSync(file, outputFiles[0].contents)
  const { simulate } = await import(pathToFileURL(file).href)
  process.exitCode = await simulate(process.argv.slice(2), new URL('policy/', root))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
