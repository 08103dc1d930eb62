import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from './wait-for.mjs'

const STORIES = 10
const UP_WITHIN_MS = 600_000
const RESTARTED = ['ledger', 'kafka', 'postgres']
const retell = fileURLToPath(new URL('retell.mjs', import.meta.url))

/** docker-compose.yml as it is, from nothing to nothing: up, stories, restarts, what it answers after each, down. */
export async function tryStack(engine, { home, step, say }) {
  await step('nothing of an earlier run', () => wipe(engine))
  try {
    await step('up: every container healthy or ended well', () => bringUp(engine, { say }))
    await step('the ten stories, in the container `stories`', () => tellStories(engine, { say }))
    const access = await step('the keys, from the container `keys`', () => readKeys(engine, home))
    try {
      await step('the stories again from outside, every receipt verified', () => verify(engine, { access, say }))
      for (const service of RESTARTED) {
        await step(`restart of ${service}`, () => restart(engine, service))
        await step('every receipt verified again, and a new decision', () => verify(engine, { access, say }))
      }
    } finally {
      rmSync(access.folder, { recursive: true, force: true })
    }
  } catch (error) {
    say('what the containers said:')
    for (const line of await lastWords(engine)) say(line)
    throw error
  } finally {
    await step('down', () => wipe(engine))
  }
}

async function wipe(engine) {
  await engine.compose(['down', '--volumes', '--remove-orphans', '--timeout', '30'])
  for (const kind of ['ps --all', 'volume ls']) {
    const { stdout } = await engine.docker([...kind.split(' '), '--quiet'])
    if (stdout.trim() !== '') throw new Error(`docker ${kind} still lists:\n${stdout}`)
  }
}

async function bringUp(engine, { say }) {
  // Both spellings of compose: the images are there, and nothing may be fetched.
  await engine.compose(['up', '--detach', '--no-build'])
  await waitFor(async () => (await unready(engine)).length === 0, {
    what: 'every container healthy or ended well',
    withinMs: UP_WITHIN_MS,
    hint: () => 'docker-compose up is done; see the log of this run',
  })
  for (const { name, status } of await containers(engine)) say(`${name}: ${status}`)
}

/** Name, state and health of every container of the stack. */
async function containers(engine) {
  const ids = (await engine.docker(['ps', '--all', '--quiet'], { quiet: true })).stdout.split('\n').filter((id) => id !== '')
  if (ids.length === 0) return []
  const { stdout } = await engine.docker(['inspect', ...ids], { quiet: true })
  return JSON.parse(stdout).map(({ Id, Config, State }) => ({
    id: Id,
    name: Config.Labels['com.docker.compose.service'],
    status: State.Status === 'exited' ? `ended with ${State.ExitCode}` : (State.Health?.Status ?? State.Status),
    checks: (State.Health?.Log ?? []).map(({ ExitCode, Output }) => `check: ${ExitCode} ${Output.trim()}`),
  }))
}

/** Of every container that is not well: its health checks' answers and its last lines. */
async function lastWords(engine) {
  const words = []
  for (const { id, name, status, checks } of await containers(engine)) {
    if (isWell({ status })) continue
    const { stdout, stderr } = await engine.docker(['logs', '--tail', '15', id], { quiet: true, mayFail: true })
    words.push(`${name}: ${status}`, ...checks, ...(stdout + stderr).trimEnd().split('\n'))
  }
  return words
}

const isWell = ({ status }) => status === 'healthy' || status === 'ended with 0'

async function unready(engine) {
  const all = await containers(engine)
  const failed = all.filter(({ status }) => /^ended with [^0]|^dead$|^restarting$/.test(status))
  if (failed.length > 0) throw new Error(failed.map(({ name, status }) => `${name}: ${status}`).join('\n'))
  return all.filter((container) => !isWell(container))
}

async function tellStories(engine, { say }) {
  const { stdout } = await engine.compose(['run', '--rm', 'stories'], { onLine: undefined })
  const titles = stdout.split('\n').filter((line) => /^ ?\d+\. /.test(line))
  const receipts = stdout.match(/receipt verified/g)?.length ?? 0
  if (titles.length !== STORIES) throw new Error(`${titles.length} of ${STORIES} stories were told`)
  titles.forEach((title) => say(title))
  say(`${receipts} decisions with a verified receipt`)
  const report = /^Report of these decisions: \S+: (.*)$/m.exec(stdout)?.[1]
  if (!report?.startsWith('verified offline')) throw new Error(`the report of the stories: ${report}`)
  say(`their report: ${report}`)
}

/** The documented way to the keys, in a file for this user only. */
async function readKeys(engine, home) {
  const { stdout } = await engine.compose(['run', '--rm', '-T', 'keys'], { quiet: true })
  const folder = mkdtempSync(join(home, 'access-'))
  const file = join(folder, 'run.json')
  writeFileSync(file, stdout, { mode: 0o600 })
  return { folder, file }
}

async function verify(engine, { access, say }) {
  const { stdout } = await engine.inside([process.execPath, retell, access.file])
  stdout.trimEnd().split('\n').forEach(say)
}

async function restart(engine, service) {
  await engine.compose(['restart', '--timeout', '60', service])
  const done = async () => (await containers(engine)).every(isWell)
  await waitFor(done, { what: `everything healthy after the restart of ${service}`, withinMs: 180_000 })
}
