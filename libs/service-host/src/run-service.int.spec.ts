import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { kafkaAccess, provisionKafka } from '@weir/messaging'
import { securedTestBrokers, testDatabase, type TestDatabase } from '@weir/testing'
import { pino } from 'pino'

const kafka = await securedTestBrokers()
const secured = 'skipped' in kafka ? undefined : kafka
const onKafka = secured === undefined ? describe.skip : describe
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''

const root = join(import.meta.dirname, '../../..')
const child = join(import.meta.dirname, '../test/listening-process.ts')

onKafka(`a service as a process, whose broker knows it by name${reason}`, () => {
  let at: TestDatabase
  let env: Record<string, string>
  const passwords = Object.fromEntries(kafkaAccess('').map(({ principal }) => [principal, `of ${principal}`]))
  const started: ChildProcess[] = []

  beforeAll(async () => {
    at = await testDatabase({ service: 'identity', migrations: [] })
    const logger = pino({ level: 'silent' })
    await provisionKafka({
      brokers: secured?.brokers ?? [],
      clientId: 'spec',
      logger,
      login: secured?.admin ?? { username: '', password: '' },
      passwords,
    })
    env = {
      PATH: process.env['PATH'] ?? '',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      WEIR_BROKERS: secured?.brokers.join(',') ?? '',
      WEIR_INTERNAL_TOKEN: 'let-me-in',
      WEIR_DATABASE_URL_IDENTITY: at.url,
      WEIR_DATABASE_OWNER_URL_IDENTITY: at.schemas['identity']?.ownerUrl ?? '',
    }
  })
  afterAll(async () => {
    for (const one of started) one.kill('SIGKILL')
    await at.drop()
    await secured?.stop()
  })

  /** What it says, and the code that it ends with. */
  function run(principal: string) {
    const one = fork(child, {
      cwd: root,
      execArgv: ['--conditions=source', '--import', join(root, 'tools/source-loader.mjs')],
      env: {
        ...env,
        WEIR_KAFKA_USERNAME: principal,
        WEIR_KAFKA_PASSWORD: passwords[principal] ?? '',
        WEIR_KAFKA_GIVE_UP_AFTER: '2',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    started.push(one)
    let said = ''
    one.stdout?.on('data', (chunk: Buffer) => void (said += chunk.toString()))
    one.stderr?.on('data', (chunk: Buffer) => void (said += chunk.toString()))
    const ended = new Promise<number | null>((done) => one.once('exit', (code) => done(code)))
    const ready = new Promise<void>((done) => one.once('message', () => done()))
    return { one, ended, ready, said: () => said }
  }

  it('ends when its consumer dies again and again, and says why', async () => {
    const deaf = run('weir.classification')
    await deaf.ready

    expect(await deaf.ended).toBe(1)
    expect(deaf.said()).toMatch(/the consumer died 2 times in a row.*no right to the group weir\.identity/i)
  })

  it('ends well when it is asked to', async () => {
    const well = run('weir.identity')
    await well.ready
    well.one.kill('SIGTERM')

    expect(await well.ended).toBe(0)
  })
})
