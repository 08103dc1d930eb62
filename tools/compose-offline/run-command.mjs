import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const LAST_LINES = 25

export const tail = (text) => text.trimEnd().split('\n').slice(-LAST_LINES).join('\n')

/** Processes that run now, so that an interruption can end them. */
const running = new Set()
export const endRunning = () => running.forEach((child) => child.kill('SIGTERM'))

/**
 * Runs a command to its end: `{ code, stdout, stderr }`. What it prints goes to the file `logs` (not where `quiet`), and
 * to `onLine` line by line. A failure is an error with the last lines, unless it `mayFail`. `input`: a stream or a text.
 */
export function run([command, ...words], { env, cwd, logs, quiet = false, mayFail = false, onLine, input } = {}) {
  const note = (text) => !quiet && logs !== undefined && appendFileSync(logs, text)
  note(`\n$ ${[command, ...words].join(' ')}\n`)
  return new Promise((done, failed) => {
    const child = spawn(command, words, { env, cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] })
    running.add(child)
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => {
        printed[name] += chunk
        note(chunk)
      })
      if (onLine !== undefined) lines(child[name], onLine)
    }
    if (input !== undefined) feed(child.stdin, input)
    child.once('error', failed)
    child.once('close', (code, signal) => {
      running.delete(child)
      if (code === 0 || mayFail) return done({ code: code ?? signal, ...printed })
      failed(
        new Error(`${[command, ...words].join(' ').slice(0, 200)} failed (${code ?? signal}):\n${tail(printed.stdout + printed.stderr)}`),
      )
    })
  })
}

function feed(stdin, input) {
  // Whoever reads may end first; its exit code says why.
  stdin.on('error', () => undefined)
  if (typeof input === 'string') stdin.end(input)
  else input.pipe(stdin)
}

function lines(stream, onLine) {
  let rest = ''
  stream.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()
    parts.forEach(onLine)
  })
  stream.on('end', () => rest !== '' && onLine(rest))
}
