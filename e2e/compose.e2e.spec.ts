import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@weir/persistence'
import { testBrokers, until } from '@weir/testing'
import { Client } from 'pg'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../', import.meta.url))
const kafka = await testBrokers()
const reason = 'skipped' in kafka ? ` (skipped: ${kafka.skipped})` : ''
const onKafka = 'skipped' in kafka ? describe.skip : describe

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly command: readonly string[]; readonly environment?: Readonly<Record<string, string>> }>
  >
}
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8').replace(/\$\{(\w+):-([^}]*)\}/g, '$2')
const { services } = parse(text, { merge: true }) as Compose

/** The command and the environment of a container, where folders and addresses are those of this machine. */
function launching(name: string, at: { readonly files: string; readonly env?: Readonly<Record<string, string>> }) {
  const container = services[name]
  if (container === undefined) throw new Error(`no container ${name}`)
  const environment = Object.entries(container.environment ?? {}).map(([key, value]) => [key, value.replace('/var/lib/weir', at.files)])
  const command = container.command.map((part) => (part.endsWith('js') ? join(root, part) : part))
  const env = { PATH: process.env['PATH'], NODE_OPTIONS: '', ...Object.fromEntries(environment), WEIR_FILES: at.files, ...at.env }
  return { command, env }
}

async function runStep(name: string, at: Parameters<typeof launching>[1]): Promise<string> {
  const { command, env } = launching(name, at)
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, cwd: root })
  return stdout
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

const contents = (folder: string) => Object.fromEntries(filesIn(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))

onKafka(`what docker-compose.yml runs, as processes${reason}`, () => {
  let files: string
  let dataDir: string
  let postgres: EmbeddedPostgres
  let child: ChildProcess | undefined
  const prefix = `compose-${randomBytes(4).toString('hex')}.`
  const brokers = 'skipped' in kafka ? '' : kafka.brokers.join(',')

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(root, 'tools/build.mjs')], { cwd: root })
    files = mkdtempSync(join(tmpdir(), 'weir-compose-'))
    dataDir = mkdtempSync(join(tmpdir(), 'weir-compose-pg-'))
    postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'data'), durable: false })
  }, 180_000)
  afterAll(async () => {
    if (child?.exitCode === null) {
      const ended = new Promise((done) => child?.once('exit', done))
      child.kill('SIGTERM')
      await ended
    }
    await postgres?.stop()
    for (const folder of [files, dataDir]) rmSync(folder, { recursive: true, force: true })
    if (!('skipped' in kafka)) await kafka.stop()
  }, 60_000)

  it('the first step makes every secret once, for its user only', async () => {
    // In a container the database takes the password that this step makes; here the database has one already.
    mkdirSync(join(files, 'postgres'), { mode: 0o700 })
    writeFileSync(join(files, 'postgres/password'), decodeURIComponent(new URL(postgres.adminUrl).password), { mode: 0o600 })
    await runStep('secrets', { files })

    expect(filesIn(files)).toEqual([
      'gateway/api-keys.json',
      'installation/ledger.vkey',
      'installation/secrets.json',
      'ledger/ledger-key.pem',
      'postgres/password',
    ])
    for (const file of filesIn(files)) expect([file, statSync(join(files, file)).mode & 0o777]).toEqual([file, 0o600])
    const before = contents(files)
    await runStep('secrets', { files })
    expect(contents(files)).toEqual(before)
    const other = mkdtempSync(join(tmpdir(), 'weir-compose-other-'))
    try {
      await runStep('secrets', { files: other })
      const shared = Object.entries(contents(other)).filter(([file, body]) => before[file] === body)
      expect(shared).toEqual([])
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  }, 60_000)

  it('the second step gives each service its own login and nothing that opens more', async () => {
    const env = { WEIR_BROKERS: brokers, WEIR_TOPIC_PREFIX: prefix, WEIR_POSTGRES_URL: postgres.adminUrl }
    await runStep('prepare', { files, env })
    const before = contents(files)
    await runStep('prepare', { files, env })
    expect(contents(files)).toEqual(before)

    const passwords = JSON.parse(readFileSync(join(files, 'installation/database-passwords.json'), 'utf8')) as Record<string, string>
    for (const service of ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']) {
      const held = filesIn(join(files, service)).map((file) => readFileSync(join(files, service, file), 'utf8'))
      const known = Object.entries(passwords).filter(([, password]) => held.some((body) => body.includes(password)))
      expect(known.map(([role]) => role)).toEqual([`weir_${service}`])
    }
    const settings = JSON.parse(readFileSync(join(files, 'identity/settings.json'), 'utf8')) as Record<string, string>
    const client = new Client({ connectionString: settings['WEIR_DATABASE_URL_IDENTITY'] })
    await client.connect()
    try {
      await expect(client.query('select count(*) from customer')).resolves.toMatchObject({ rowCount: 1 })
      await expect(client.query('create table mine (id int)')).rejects.toThrow(/permission denied/)
      await expect(client.query('select 1 from adjudication.decision')).rejects.toThrow(/permission denied/)
    } finally {
      await client.end()
    }
  }, 120_000)

  it('a service starts from its container’s environment and its settings file, and its health check sees it ready', async () => {
    const env = { WEIR_BROKERS: brokers, WEIR_TOPIC_PREFIX: prefix, WEIR_HOST: '127.0.0.1', WEIR_IDENTITY_PORT: '0' }
    const launch = launching('identity', { files, env })
    const started = spawn(process.execPath, launch.command, { env: launch.env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    let printed = ''
    for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
    const port = () => /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(printed)?.[1]
    await until(() => port() !== undefined || started.exitCode !== null, { describe: 'identity serves', timeoutMs: 60_000 })
    if (started.exitCode !== null) throw new Error(`identity ended by itself:\n${printed}`)
    const check = (at: string) => promisify(execFile)(process.execPath, [join(root, 'infra/compose/ready.mjs'), at])

    await expect(check(port() ?? '')).resolves.toMatchObject({ stdout: expect.stringContaining('"ready"') })
    await expect(check('1')).rejects.toMatchObject({ code: 1 })
    const { internalToken } = JSON.parse(readFileSync(join(files, 'installation/secrets.json'), 'utf8')) as { internalToken: string }
    expect(printed).not.toContain(internalToken)
  }, 90_000)

  it('the keys are printed as JSON, and the gateway’s file holds their digests only', async () => {
    const printed = await runStep('keys', { files })
    const keys = JSON.parse(printed) as { url: string; apiKey: string; officerKeys: string[]; ledger: { vkey: string } }
    expect(keys).toMatchObject({ url: 'http://127.0.0.1:8080', ledger: { vkey: expect.stringMatching(/^weir\.local\/ledger\+/) } })
    const stored = readFileSync(join(files, 'gateway/api-keys.json'), 'utf8')
    for (const key of [keys.apiKey, ...keys.officerKeys]) expect(stored).not.toContain(key)
    expect(new Set([keys.apiKey, ...keys.officerKeys]).size).toBe(3)
  }, 30_000)
})
