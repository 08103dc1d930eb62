// `npm run bench`: what a decision costs, on both transports, beside a floor measured in the same run. See README.md.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './machine.mjs'
import { measureTransport } from './measure.mjs'
import { nameOf } from './names.mjs'
import { readOptions, usage } from './options.mjs'
import { publish, writeResults } from './publish.mjs'
import { tablesOf, textOf } from './tables.mjs'
import { writeFlames } from './write-flames.mjs'
import { whyDoubtful, whyInvalid } from './verdict.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))

async function main() {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return void console.log(usage)
  const began = performance.now()
  const { transports: kinds, parts, quick, rates, seconds } = options
  const folder = resolve(options.out ?? join(root, 'bench/results'))
  const transports = {}
  const failures = []
  for (const kind of kinds) {
    const say = (line) =>
      process.stderr.write(`${String(Math.round((performance.now() - began) / 1_000)).padStart(5)} s  ${kind}: ${line}\n`)
    const { profiles, failures: failed, ...measured } = await measureTransport(kind, options, say)
    failures.push(...failed.map((failure) => ({ ...failure, kind })))
    transports[kind] = measured
    for (const table of writeFlames(profiles, { kind, folder, root })) console.log(textOf(table))
  }
  if (failures.length > 0) process.exitCode = 1
  if (parts.join() === 'flame') return
  const invalid = whyInvalid(transports)
  const machine = describeMachine({ kafka: kinds.includes('kafka') })
  const figures = {
    at: new Date().toISOString(),
    tookSeconds: Math.round((performance.now() - began) / 1_000),
    machine,
    settings: { parts, quick, rates, seconds },
    invalid,
    failures,
    doubtful: whyDoubtful(transports, machine),
    transports,
  }
  await writeResults(figures, folder)
  if (options.publish) await publish(figures, join(root, 'docs'))
  for (const table of tablesOf(figures)) console.log(textOf(table))
  if (figures.doubtful !== undefined) console.log(`\n${figures.doubtful}.`)
  for (const { kind, part, message } of failures) console.log(`\n${nameOf(kind)}, ${part}: not measured: ${message}`)
  for (const reason of invalid) console.log(`\nThis run is invalid. ${reason}.`)
  if (invalid.length > 0) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
