/**
 * `node tools/run.mjs [--no-build] <script> [arguments]`: the door of every npm script.
 *
 * Runs on the machine's own Node (20.19 or newer) and needs nothing but npm: installs what package-lock.json names if
 * that is not there yet, compiles what changed, then runs the script on the Node that the lock file pins.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { ensureInstalled, pinnedNode, root } from './install.mjs'

const nodeFlags = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning', '--disable-warning=ExperimentalWarning']

const given = process.argv.slice(2)
const noBuild = given[0] === '--no-build'
const [script, ...scriptArguments] = noBuild ? given.slice(1) : given
if (script === undefined) {
  process.stderr.write('usage: node tools/run.mjs [--no-build] <script> [arguments]\n')
  process.exit(2)
}

try {
  await ensureInstalled()
  if (!noBuild) {
    const { build } = await import('./build.mjs')
    await build()
  }
  process.exitCode = await run(pinnedNode(), [...nodeFlags, resolve(root, script), ...scriptArguments])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

function run(command, commandArguments) {
  return new Promise((done, failed) => {
    const child = spawn(command, commandArguments, { stdio: 'inherit' })
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the whole process group: the child has it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
    child.once('error', failed)
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]))
  })
}
