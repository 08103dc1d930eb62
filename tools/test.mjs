/**
 * `npm test [unit|integration|e2e …] [-- jest arguments]`: the levels one after the other, whatever the first ones say.
 * The last line is `N passed, N failed, N skipped` over all of them; anything failed makes the exit code 1.
 *
 * WEIR_REQUIRE names kinds of skips (`kafka,go`) that count as failures: a machine that must have a broker says so.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './install.mjs'
import { lineOf, sum, tally } from './test-tally.mjs'

const allLevels = ['unit', 'integration', 'e2e']
const given = process.argv.slice(2)
const named = allLevels.filter((level) => given.includes(level))
const levels = named.length === 0 ? allLevels : named
const jestArguments = given.filter((word) => !allLevels.includes(word))
const required = (process.env.WEIR_REQUIRE ?? '').split(',').filter((kind) => kind !== '')

const folder = mkdtempSync(join(tmpdir(), 'weir-test-'))
try {
  const tallies = []
  for (const level of levels) {
    const began = Date.now()
    const result = await runLevel(level)
    tallies.push(result)
    for (const problem of result.problems) process.stdout.write(`${problem}\n`)
    process.stdout.write(`${level}: ${lineOf(result)}, in ${Math.round((Date.now() - began) / 1000)} s\n`)
  }
  const total = sum(tallies)
  process.stdout.write(`${lineOf(total)}\n`)
  process.exitCode = total.failed > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function runLevel(level) {
  process.stdout.write(`\n${level} tests\n`)
  const outputFile = join(folder, `${level}.json`)
  const code = await jest(['--selectProjects', level, '--json', '--outputFile', outputFile, '--passWithNoTests', ...jestArguments])
  let report
  try {
    report = JSON.parse(readFileSync(outputFile, 'utf8'))
  } catch (cause) {
    throw new Error(`jest left no report of the ${level} tests (exit code ${code})`, { cause })
  }
  return tally(report, { required, code, level })
}

/** Jest writes its progress to stderr; with --json its stdout is the report, which the file holds already. */
function jest(jestWords) {
  const nodeOptions = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning']
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...jestWords], {
      cwd: root,
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS ?? '', ...nodeOptions].join(' ').trim() },
    })
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.once('error', failed)
    child.once('exit', (code, signal) => done(code ?? signal))
  })
}
