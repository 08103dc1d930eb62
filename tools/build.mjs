/**
 * Compiles every project's src/ to dist/, file by file: `src/a/b.ts` becomes `dist/a/b.js`. What did not change since the
 * last run is left alone; what has no source any more is removed. Types are checked elsewhere (`npm run check`).
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { root } from './install.mjs'
import { projectFolders } from './projects.mjs'

const compilerOptions = {
  swcrc: false,
  jsc: {
    target: 'es2024',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
  inlineSourcesContent: false,
}

/** What a report package carries; see build-verifier.mjs. */
const verifierFile = 'services/reports/app/dist/verify.mjs'

/** Sources that only tests load. */
const testOnly = /\.(spec|features)\.ts$/

export async function build() {
  const began = Date.now()
  const settings = createHash('sha256')
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest('hex')
  const counts = await Promise.all(projectFolders().map((folder) => buildProject(join(root, folder), settings)))
  const compiled = counts.reduce((sum, count) => sum + count, 0)
  // It holds parts of several projects, so any change may be one of its own.
  if (compiled > 0 || !existsSync(join(root, verifierFile))) {
    const { buildVerifier } = await import('./build-verifier.mjs')
    await buildVerifier(join(root, verifierFile))
  }
  if (compiled > 0) process.stderr.write(`compiled ${compiled} files in ${Date.now() - began} ms\n`)
}

async function buildProject(folder, settings) {
  const [src, dist] = [join(folder, 'src'), join(folder, 'dist')]
  const stampFile = join(dist, '.weir-build.json')
  const before = readStamp(stampFile, settings)
  const stamp = { settings, files: {} }
  const stale = []
  for (const file of filesOf(src)) {
    if (testOnly.test(file)) continue
    const { mtimeMs, size } = statSync(join(src, file))
    stamp.files[file] = `${mtimeMs} ${size}`
    if (before.files[file] !== stamp.files[file] || !existsSync(join(dist, outputOf(file)))) stale.push(file)
  }
  removeOrphans(dist, { wanted: new Set(Object.keys(stamp.files).map(outputOf)), before: new Set(Object.keys(before.files).map(outputOf)) })
  await Promise.all(stale.map((file) => compile(join(src, file), join(dist, outputOf(file)))))
  if (stale.length > 0 || Object.keys(before.files).length !== Object.keys(stamp.files).length) {
    mkdirSync(dist, { recursive: true })
    writeFileSync(stampFile, JSON.stringify(stamp))
  }
  return stale.length
}

function readStamp(stampFile, settings) {
  const none = { files: {} }
  if (!existsSync(stampFile)) return none
  const stamp = JSON.parse(readFileSync(stampFile, 'utf8'))
  return stamp.settings === settings ? stamp : none
}

function filesOf(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

const isModule = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts')
const outputOf = (file) => (isModule(file) ? file.replace(/\.ts$/, '.js') : file)

/** Only what this file writes: modules, their maps and copies. Bundles that others put into dist/ stay. */
function removeOrphans(dist, { wanted, before }) {
  for (const file of filesOf(dist)) {
    const output = file.replace(/\.map$/, '')
    if (!wanted.has(output) && (output.endsWith('.js') || before.has(output))) rmSync(join(dist, file))
  }
}

async function compile(source, output) {
  mkdirSync(dirname(output), { recursive: true })
  if (!isModule(source)) return copyFile(source, output)
  // Loaded here, because this file is read before the packages are installed.
  const { transformFile } = await import('@swc/core')
  const { code, map } = await transformFile(source, { ...compilerOptions, sourceFileName: relative(dirname(output), source) })
  writeFileSync(output, code.endsWith('\n') ? code : `${code}\n`)
  if (map !== undefined) writeFileSync(`${output}.map`, map)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
