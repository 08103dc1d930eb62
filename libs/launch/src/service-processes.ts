import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KafkaLogin } from '@weir/messaging'
import type { Home } from './home.js'
import { serviceNames, type LocalDatabase } from './local-database.js'
import { writePrivate } from './private-file.js'
import { serviceEnvironment } from './service-environment.js'

export type ServiceName = (typeof serviceNames)[number]

export interface ServiceProcesses {
  /** of the gateway, no trailing slash */
  readonly url: string
  readonly pids: Readonly<Record<string, number>>
  /** settles when a service ends by itself */
  readonly failed: Promise<Error>
  /** All by their process ids, the gateway first; settles when all have ended. */
  stop(): Promise<void>
}

export interface ProcessOptions {
  readonly home: Home
  readonly database: Pick<LocalDatabase, 'services'>
  readonly vkey: string
  readonly internalToken: string
  readonly brokers: string
  readonly topicPrefix: string
  /** absent: the broker asks nobody, or everybody has the login of `env` */
  readonly kafkaLogins?: Readonly<Record<ServiceName, KafkaLogin>>
  readonly host: string
  /** of the gateway; 0: any free one */
  readonly port: number
  readonly env: Readonly<Record<string, string | undefined>>
  log(line: string): void
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 20_000

interface Child {
  readonly name: ServiceName
  readonly process: ChildProcess
  readonly url: string
  readonly logFile: string
  readonly ended: Promise<void>
}

/** Every service as a process of its own, with its own database role and consumer group; the gateway last. */
export async function startServiceProcesses(options: ProcessOptions): Promise<ServiceProcesses> {
  const children: Child[] = []
  let stopping = false
  const stop = async () => {
    stopping = true
    const others = children.filter(({ name }) => name !== 'gateway')
    await Promise.all(children.filter(({ name }) => name === 'gateway').map(end))
    await Promise.all(others.map(end))
  }
  let report: (error: Error) => void = () => undefined
  const failed = new Promise<Error>((settle) => {
    report = settle
  })
  const start = async (name: ServiceName, port: number, urls: Readonly<Record<string, string>>) => {
    const child = launch(name, { options, port, urls })
    children.push(child)
    void child.ended.then(() => (stopping ? undefined : report(new Error(`${name} ended by itself.\n${tail(child.logFile)}`))))
    await Promise.race([ready(child), failed.then((error) => Promise.reject(error))])
    options.log(`${name} is ready (process ${child.process.pid}).`)
    return child
  }
  try {
    const others = serviceNames.filter((name) => name !== 'gateway')
    const ports = await freePorts(others.length + 1)
    // Reports ask the ledger how far its log is; its port is known before it listens.
    const ledger = { [urlKey('ledger')]: `http://127.0.0.1:${ports[others.indexOf('ledger')]}` }
    const started = await Promise.all(others.map((name, index) => start(name, ports[index] ?? 0, name === 'reports' ? ledger : {})))
    const urls = Object.fromEntries(started.map(({ name, url }) => [urlKey(name), url]))
    const gateway = await start('gateway', options.port === 0 ? (ports.at(-1) ?? 0) : options.port, urls)
    const pids = Object.fromEntries(children.map(({ name, process }) => [name, process.pid ?? 0]))
    writePrivate(join(options.home.dir, 'processes.json'), `${JSON.stringify(pids, null, 2)}\n`)
    return { url: gateway.url, pids, failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const urlKey = (name: ServiceName): string => `WEIR_${name.toUpperCase()}_URL`

interface Launching {
  readonly options: ProcessOptions
  readonly port: number
  readonly urls: Readonly<Record<string, string>>
}

function launch(name: ServiceName, { options, port, urls }: Launching): Child {
  const main = fileURLToPath(new URL(`../../../services/${name}/app/dist/main.js`, import.meta.url))
  const logs = join(options.home.dir, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  const logFile = join(logs, `${name}.log`)
  const log = openSync(logFile, 'a', 0o600)
  const env = { ...environmentOf(name, options), ...urls, [`WEIR_${name.toUpperCase()}_PORT`]: String(port) }
  const child = spawn(process.execPath, ['--enable-source-maps', main], { env, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done())
    child.once('error', () => done())
  })
  return { name, process: child, url: `http://${name === 'gateway' ? options.host : '127.0.0.1'}:${port}`, logFile, ended }
}

/** Only what is this service's own: no other role's password, no other service's settings. */
function environmentOf(name: ServiceName, options: ProcessOptions): Record<string, string | undefined> {
  const upper = name.toUpperCase()
  const database = options.database.services[name]
  if (database === undefined) throw new Error(`the database has no role for ${name}`)
  const login = options.kafkaLogins?.[name]
  const own = Object.entries(serviceEnvironment(options.home, options.vkey)).filter(([key]) => key.startsWith(`WEIR_${upper}_`))
  return {
    WEIR_LOG_LEVEL: 'info',
    ...options.env,
    ...Object.fromEntries(own),
    WEIR_BROKERS: options.brokers,
    // what opens more than a service needs
    WEIR_KAFKA_ADMIN_FILE: undefined,
    ...(login === undefined ? {} : { WEIR_KAFKA_USERNAME: login.username, WEIR_KAFKA_PASSWORD: login.password }),
    ...(options.topicPrefix === '' ? {} : { WEIR_TOPIC_PREFIX: options.topicPrefix }),
    WEIR_HOST: name === 'gateway' ? options.host : '127.0.0.1',
    WEIR_INTERNAL_TOKEN: options.internalToken,
    [`WEIR_DATABASE_URL_${upper}`]: database.url,
    [`WEIR_DATABASE_OWNER_URL_${upper}`]: database.ownerUrl,
  }
}

async function ready(child: Child): Promise<void> {
  const end = Date.now() + READY_WITHIN_MS
  let last = 'nothing answers'
  while (Date.now() < end) {
    try {
      const response = await fetch(`${child.url}/readyz`, { signal: AbortSignal.timeout(2_000) })
      last = await response.text()
      if (response.ok) return
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    await new Promise((next) => setTimeout(next, 100))
  }
  throw new Error(`${child.name} was not ready within ${READY_WITHIN_MS} ms: ${last}\n${tail(child.logFile)}`)
}

async function end(child: Child): Promise<void> {
  if (child.process.exitCode !== null || child.process.signalCode !== null) return
  child.process.kill('SIGTERM')
  const timer = setTimeout(() => child.process.kill('SIGKILL'), STOP_WITHIN_MS)
  await child.ended
  clearTimeout(timer)
}

const tail = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n')

/** All open at once, so that no two are the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

const listening = () =>
  new Promise<ReturnType<typeof createServer>>((done, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => done(server))
  })
