/**
 * What is imported against what package.json declares. An undeclared package works only while another project happens to
 * want it; a declared one that nothing imports is installed, audited and updated for nothing.
 *
 * Code that ships may import its own project's `dependencies`. Tests may also import the project's and the root's
 * `devDependencies`. What belongs to no project (tools, e2e …) may import the root's, and every project of ours.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './install.mjs'
import { projectFolders } from './projects.mjs'

const notOurs = new Set(['node_modules', 'dist', 'data', 'lib', 'proofs', '.nx', '.weir', '.git'])
const test = /\.(spec|features)\.ts$|(^|\/)test\/|^libs\/testing\//
const source = /\.(ts|mjs|cjs)$/

const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
const namesIn = (dependencies) => Object.keys(dependencies ?? {})

const folders = projectFolders()
const projects = [...folders, ''].map((folder) => {
  const manifest = manifestOf(folder)
  return {
    folder,
    file: join(folder, 'package.json'),
    dependencies: namesIn(manifest.dependencies),
    devDependencies: namesIn(manifest.devDependencies),
    files: sourcesOf(folder),
  }
})
const whole = projects.at(-1)
whole.dependencies.push(...folders.map((folder) => manifestOf(folder).name))

const findings = projects.flatMap((project) => [...undeclared(project), ...(project === whole ? [] : unused(project))])
if (process.argv.includes('--json')) process.stdout.write(JSON.stringify(findings))
else for (const { file, message } of findings) process.stdout.write(`${file}: ${message}\n`)
process.exitCode = findings.length === 0 ? 0 : 1

/** Of a project; of the root, what lies in no project. */
function sourcesOf(folder) {
  const below = (at) =>
    readdirSync(join(root, at), { withFileTypes: true }).flatMap((entry) => {
      const path = join(at, entry.name)
      if (entry.isFile()) return source.test(entry.name) ? [path] : []
      return !entry.isDirectory() || notOurs.has(entry.name) || folders.includes(path) ? [] : below(path)
    })
  return below(folder).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8'), isTest: test.test(path) }))
}

function undeclared({ file, dependencies, devDependencies, files }) {
  const shipped = new Set(dependencies)
  const tested = new Set([...dependencies, ...devDependencies, ...whole.devDependencies])
  return files.flatMap(({ path, text, isTest }) => {
    const allowed = isTest || file === whole.file ? tested : shipped
    return [...packagesIn(text)]
      .filter((name) => !allowed.has(name))
      .map((name) => ({ file: path, rule: 'undeclared', message: `${name} is not declared in ${file}` }))
  })
}

function packagesIn(text) {
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  const packages = specifiers.filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
  return new Set(packages.map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')))
}

/** A name in quotes counts as use: a package may be resolved by name. So does being a peer of what is used. */
function unused({ folder, file, dependencies, devDependencies, files }) {
  const shipping = files.filter(({ isTest }) => !isTest || folder === 'libs/testing')
  const testing = files.filter(({ isTest }) => isTest)
  const use = (name, where) => where.some(({ text }) => text.includes(`'${name}'`) || text.includes(`'${name}/`))
  const used = dependencies.filter((name) => use(name, shipping))
  // The list grows while it is walked: a peer has peers.
  for (const name of used) used.push(...peersOf(name, folder).filter((peer) => dependencies.includes(peer) && !used.includes(peer)))
  const idle = (name) => ({ file, rule: 'unused', message: `${name} is declared, but nothing imports it` })
  return [
    ...dependencies.filter((name) => !used.includes(name)).map(idle),
    ...devDependencies.filter((name) => !use(name, testing)).map(idle),
  ]
}

function peersOf(name, folder) {
  const places = [join(root, folder, 'node_modules', name), join(root, 'node_modules', name)]
  const place = places.find((at) => existsSync(join(at, 'package.json')))
  return place === undefined ? [] : namesIn(manifestOf(relative(root, place)).peerDependencies)
}
