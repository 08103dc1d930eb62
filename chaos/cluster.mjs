// What is broken: one broker, one PostgreSQL and six service processes, each service with a proxy of its own to both.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSecrets, openTransportHome, serviceEnvironment } from '@weir/launch'
import { ensureLedgerKey } from '@weir/ledger'
import { provisionDatabase, startEmbeddedPostgres } from '@weir/persistence'
import { startLocalKafka } from '../tools/kafka.mjs'
import { startTcpProxy } from './tcp-proxy.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
export const services = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']
const ORIGIN = 'weir.local/chaos'

/** `env`: for every service process, e.g. a planted fault. */
export async function startCluster({ dir, env = {}, log }) {
  const home = openTransportHome(join(dir, 'home'), { fresh: true, transport: 'kafka' })
  const secrets = openSecrets(home)
  const vkey = ensureLedgerKey(home.ledgerKey, ORIGIN)
  const broker = await startBroker(join(dir, 'kafka'))
  const postgres = await startPostgres(home)
  const databases = await provisionDatabase({
    adminUrl: postgres.adminUrl(),
    database: 'weir',
    services: services.map((name) => ({ name })),
    passwordsFile: home.databasePasswords,
  })
  const ports = await freePorts(services.length)
  const urls = Object.fromEntries(services.map((name, n) => [name, `http://127.0.0.1:${ports[n]}`]))
  const members = []
  for (const [n, name] of services.entries()) {
    const proxy = { kafka: broker.proxies[n], postgres: await startTcpProxy({ to: postgres.port }) }
    const { url, ownerUrl } = databases.services[name]
    const own = Object.entries(serviceEnvironment(home, vkey)).filter(([key]) => key.startsWith(`WEIR_${name.toUpperCase()}_`))
    const through = (address) => Object.assign(new URL(address), { port: String(proxy.postgres.port) }).href
    const settings = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      WEIR_LOG_LEVEL: process.env.WEIR_LOG_LEVEL ?? 'info',
      NODE_ENV: 'test-chaos',
      ...Object.fromEntries(own),
      ...(name === 'ledger' ? { WEIR_LEDGER_ORIGIN: ORIGIN } : {}),
      ...Object.fromEntries(
        services.filter((other) => other !== 'gateway').map((other) => [`WEIR_${other.toUpperCase()}_URL`, urls[other]]),
      ),
      [`WEIR_${name.toUpperCase()}_PORT`]: String(ports[n]),
      WEIR_BROKERS: `127.0.0.1:${proxy.kafka.port}`,
      WEIR_HOST: '127.0.0.1',
      WEIR_INTERNAL_TOKEN: secrets.internalToken,
      [`WEIR_DATABASE_URL_${name.toUpperCase()}`]: through(url),
      [`WEIR_DATABASE_OWNER_URL_${name.toUpperCase()}`]: through(ownerUrl),
      ...env,
    }
    for (const other of services.filter((one) => one !== name && name !== 'gateway' && !(name === 'reports' && one === 'ledger'))) {
      delete settings[`WEIR_${other.toUpperCase()}_URL`]
    }
    members.push(member(name, { url: urls[name], proxy, settings, dir }))
  }
  mkdirSync(dir, { recursive: true })
  const byName = Object.fromEntries(members.map((one) => [one.name, one]))
  const cluster = {
    url: urls.gateway,
    urls,
    secrets,
    vkey,
    broker,
    postgres,
    services: byName,
    ledgerDir: home.ledger,
    /** Deaths since it was last asked that nobody brought about. */
    fallen: () => fallen.splice(0),
    ready: (withinMs = 60_000) => Promise.all(members.map((one) => one.ready(withinMs))),
    stop: async () => {
      await Promise.all(members.map((one) => one.stop()))
      await Promise.all(members.map(({ proxy }) => proxy.postgres.stop()))
      await postgres.stop()
      await broker.stop()
      rmSync(home.dir, { recursive: true, force: true })
    },
  }
  try {
    for (const one of members) one.start()
    await cluster.ready()
    log?.(`broker ${broker.port}, PostgreSQL ${postgres.port}, gateway ${urls.gateway}`)
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

const [alive, fallen] = [new Set(), []]
// Broker and PostgreSQL have guards of their own.
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))

function member(name, { url, proxy, settings, dir }) {
  const [logFile, pointFile] = [join(dir, `${name}.log`), join(dir, `${name}.failpoint`)]
  let child
  let wanted = false
  let extra = {}
  const mourners = new Set()
  const start = () => {
    wanted = true
    const log = openSync(logFile, 'a', 0o600)
    const main = join(root, `services/${name}/app/dist/main.js`)
    child = spawn(process.execPath, ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning', main], {
      env: { ...settings, WEIR_TEST_FAILPOINT_FILE: pointFile, ...extra },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    alive.add(child)
    extra = {}
    const mine = child
    mine.ended = new Promise((done) => mine.once('exit', done))
    // As a process manager would: whatever ends is started again at once.
    mine.once('exit', (code, signal) => {
      alive.delete(mine)
      // Nobody struck it.
      if (signal === null && code !== 0) fallen.push(`${name} ended with ${code}: ${faultIn(logFile)}`)
      self.deaths += 1
      for (const heard of [...mourners]) heard()
      if (wanted && child === mine) start()
    })
  }
  const self = {
    name,
    url,
    proxy,
    deaths: 0,
    pid: () => child.pid,
    start,
    /** The next life gets these settings, e.g. an armed failpoint. */
    arm: (settingsOfNext) => {
      extra = settingsOfNext
    },
    /** This life ends at the failpoint. */
    armNow: (point) => {
      writeFileSync(pointFile, point)
      child.kill('SIGUSR2')
    },
    signal: (signal) => child.kill(signal),
    /** What `look` sees at the first death after so many; undefined: there was none within the time. */
    death: ({ after, withinMs, look }) =>
      new Promise((done) => {
        const end = (seen) => {
          clearTimeout(timer)
          mourners.delete(heard)
          done(seen)
        }
        const heard = () => {
          if (self.deaths > after) end(look())
        }
        const timer = setTimeout(end, withinMs)
        mourners.add(heard)
        if (self.deaths > after) end(look())
      }),
    ready: async (withinMs) => {
      let last = 'nothing answers'
      for (const end = Date.now() + withinMs; Date.now() < end; await new Promise((next) => setTimeout(next, 100))) {
        try {
          const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
          last = await response.text()
          if (response.ok) return
        } catch (error) {
          last = error.message
        }
      }
      throw new Error(`${name} was not ready within ${withinMs} ms: ${last}\n${readFileSync(logFile, 'utf8').slice(-1500)}`)
    },
    stop: async () => {
      wanted = false
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await child.ended
      clearTimeout(timer)
    },
  }
  return self
}

async function startBroker(dataDir) {
  const [port, ...inner] = await freePorts(services.length + 1)
  const proxies = []
  for (const to of inner) proxies.push(await startTcpProxy({ to }))
  const behind = inner.map((at, n) => ({ port: at, advertised: `127.0.0.1:${proxies[n].port}` }))
  const start = () => startLocalKafka({ port, dataDir, behind })
  let running = await start()
  return {
    port,
    proxies,
    address: `127.0.0.1:${port}`,
    kill: () => process.kill(running.pid, 'SIGKILL'),
    restart: async () => {
      await running.stop()
      running = await start()
    },
    stop: async () => {
      await running.stop()
      await Promise.all(proxies.map((proxy) => proxy.stop()))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function startPostgres(home) {
  const [port] = await freePorts(1)
  let data = home.postgres
  const logger = { info: (line) => (data = /data (?:lies )?in (.*)\.$/.exec(line)?.[1] ?? data) }
  const start = () => startEmbeddedPostgres({ dataDir: home.postgres, port, durable: true, logger })
  let running = await start()
  return {
    port,
    adminUrl: () => running.adminUrl,
    kill: () => process.kill(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0]), 'SIGKILL'),
    restart: async () => {
      await running.stop()
      // Orphaned backends hold the shared memory until they notice.
      for (let tries = 0; ; tries++) {
        try {
          running = await start()
          return
        } catch (error) {
          if (tries === 20) throw error
          await new Promise((next) => setTimeout(next, 250))
        }
      }
    },
    stop: async () => {
      await running.stop()
      // Elsewhere, where this user's server cannot reach the home.
      if (data !== home.postgres) rmSync(dirname(data), { recursive: true, force: true })
    },
  }
}

/** What a process that fell over said last, in one line. */
function faultIn(logFile) {
  const lines = readFileSync(logFile, 'utf8').slice(-4_000).split('\n')
  return (lines.findLast((line) => /^\w*Error|"level":[56]0/.test(line)) ?? lines.findLast(Boolean) ?? '').slice(0, 300)
}

/** All open at once, so that no two are the same. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((done, failed) => {
          const server = createServer().once('error', failed)
          server.listen(0, '127.0.0.1', () => done(server))
        }),
    ),
  )
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}
