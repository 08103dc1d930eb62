import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { awaitAnswer, sendEvent, seedWorld, stories, tellStories } from '@weir/demo'
import { securedTestBrokers } from '@weir/testing'
import { startWeir, type WeirProcess } from './weir-process.js'

const kafka = await securedTestBrokers()

const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
const onKafka = 'skipped' in kafka ? describe.skip : describe

const timeoutMs = 30_000
const deadlineMs = 1_500

onKafka(`every service as a process of its own, on Kafka${reason}`, () => {
  let weir: WeirProcess

  beforeAll(async () => {
    if ('skipped' in kafka) return
    weir = await startWeir({
      script: 'tools/start-kafka.mjs',
      arguments: ['--no-demo'],
      env: {
        WEIR_BROKERS: kafka.brokers.join(','),
        WEIR_KAFKA_ADMIN_FILE: kafka.adminFile,
        WEIR_TOPIC_PREFIX: `e2e-${randomBytes(4).toString('hex')}.`,
        WEIR_ADJUDICATION_DEADLINE_MS: String(deadlineMs),
      },
    })
    await seedWorld(weir.client)
  }, 300_000)
  afterAll(async () => {
    await weir?.remove()
    if (!('skipped' in kafka)) await kafka.stop()
  }, 120_000)

  it('gives each service a login of its own and says none of the passwords', () => {
    const passwords = JSON.parse(readFileSync(join(weir.home, 'kafka-passwords.json'), 'utf8')) as Record<string, string>
    const parties = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports', 'platform']
    expect(
      Object.keys(passwords)
        .map((name) => name.split('.').at(-1))
        .sort(),
    ).toEqual(parties.sort())
    expect(new Set(Object.values(passwords)).size).toBe(parties.length)
    expect(statSync(join(weir.home, 'kafka-passwords.json')).mode & 0o777).toBe(0o600)
    expect(weir.output()).toContain('Each service has its own login')
    const logs = readdirSync(join(weir.home, 'logs')).map((name) => readFileSync(join(weir.home, 'logs', name), 'utf8'))
    for (const password of Object.values(passwords)) expect([weir.output(), ...logs].filter((text) => text.includes(password))).toEqual([])
  })

  it('tells the same stories', async () => {
    const told = await tellStories(weir.client, { vkey: weir.run.ledger.vkey, timeoutMs, onTold: () => undefined })
    const came = told.flatMap(({ story, steps }) => steps.map(({ answer }) => [story.id, answer.outcome, answer.reasons[0]?.code]))
    expect(came).toEqual(stories.flatMap(({ id, steps }) => steps.map(({ outcome, code }) => [id, outcome, code])))
    expect(told.flatMap(({ steps }) => steps).every(({ verified }) => verified.ok)).toBe(true)
  }, 240_000)

  it('holds at the deadline what identity does not answer, and decides again when it does', async () => {
    const pids = JSON.parse(readFileSync(join(weir.home, 'processes.json'), 'utf8')) as Record<string, number>
    const identity = pids['identity']
    if (identity === undefined) throw new Error('identity has no process')
    const [approval] = stories
    if (approval === undefined) throw new Error('there are no stories')
    process.kill(identity, 'SIGSTOP')
    let id: string
    try {
      id = await sendEvent(weir.client, approval.steps[0].event('while-identity-stands-still'), 'while-identity-stands-still')
      const held = await awaitAnswer(weir.client, id, { fits: ({ outcome }) => outcome === 'hold', timeoutMs })
      expect(held).toMatchObject({ outcome: 'hold', revision: 1, reasons: [{ code: 'assessment-late' }] })
      expect(held.case).toBeDefined()
    } finally {
      process.kill(identity, 'SIGCONT')
    }
    const decided = await awaitAnswer(weir.client, id, { fits: ({ revision }) => revision > 1, timeoutMs })
    expect(decided).toMatchObject({ outcome: 'approve', revision: 2 })
  }, 120_000)
})
