import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.weir-lock')

/** Installs exactly what package-lock.json names, unless it is there. A finished install leaves a stamp with the lock's digest. */
export async function ensureInstalled() {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const digest = createHash('sha256').update(lockText).digest('hex')
  const nodeBinary = join(modules, 'node', 'bin', 'node')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest && existsSync(nodeBinary)) return
  if (!existsSync(nodeBinary) || !holds(JSON.parse(lockText))) await installWithProgress()
  writeFileSync(stampFile, digest)
}

/** The Node that the lock file pins; the running one where npm was told to run no install scripts and it is new enough. */
export function pinnedNode() {
  const pinned = join(modules, 'node', 'bin', 'node')
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new Error(
    'The package "node" was installed without its binary: npm runs no install scripts here. Allow them (npm config set ignore-scripts false), ' +
      'or run with Node 24, and try again.',
  )
}

/** Whether an `npm install` of somebody's own left the same packages. */
function holds(lock) {
  const installedFile = join(modules, '.package-lock.json')
  if (!existsSync(installedFile)) return false
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.includes('node_modules/')) return true
    // Optional ones are for other platforms; a link is a project of this repository.
    if (wanted.link === true) return existsSync(join(root, path, 'package.json'))
    return wanted.optional === true || wanted.devOptional === true || wanted.peer === true || installed[path]?.version === wanted.version
  })
}

function installWithProgress() {
  const npm = npmCommand()
  // Compiler, linters and the pinned Node are development dependencies, so they are wanted whatever NODE_ENV says.
  const flags = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  process.stderr.write('installing packages (once, about a minute)\n')
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 1000)
  return new Promise((done, failed) => {
    const child = spawn(npm.command, [...npm.before, ...flags], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    const beat = setInterval(() => process.stderr.write(`installing packages: ${packageFolders()} folders, ${seconds()} s\n`), 5_000)
    const stop = (signal) => child.kill(signal)
    process.once('SIGINT', stop).once('SIGTERM', stop)
    child.once('error', failed)
    child.once('exit', (code) => {
      clearInterval(beat)
      process.off('SIGINT', stop).off('SIGTERM', stop)
      if (code === 0) {
        process.stderr.write(`installed in ${seconds()} s\n`)
        done()
      } else {
        failed(new Error(`npm ci failed (${code ?? 'stopped'}); its messages are above`))
      }
    })
  })
}

/** The npm that called us, so that its version and settings hold; else the one on the path. */
function npmCommand() {
  const caller = process.env.npm_execpath
  if (caller !== undefined && basename(caller).startsWith('npm')) return { command: process.execPath, before: [caller] }
  return { command: 'npm', before: [] }
}

function packageFolders() {
  try {
    return readdirSync(modules).length
  } catch {
    return 0
  }
}
