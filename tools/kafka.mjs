#!/usr/bin/env node
// A real Kafka broker on this machine, from Maven artifacts and a Java runtime (17 or newer).
//
//   npm run kafka [-- --port 9092] [--data FOLDER] [--fresh]
//
// It asks for a password (SCRAM-SHA-512) and refuses what no rule allows; its administrator's login is in FOLDER/admin.json.
//
// As a module: startLocalKafka({ port, dataDir, quiet, secured }) -> { brokers, pid, adminFile, stop() }. Loopback only.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const infra = fileURLToPath(new URL('../infra/kafka/', import.meta.url))
const lib = join(infra, 'lib')
const READY = /Kafka Server started/
const READY_WITHIN_MS = 60_000

/**
 * `port` 0: any free one. `dataDir` keeps what the broker holds; without it, it goes with the broker. `secured`: as
 * secured.properties says; else whoever reaches the port may do anything, and there is no `adminFile`. `behind`: further
 * ports whose clients are told another address, `{ port, advertised }`; for whoever sits in between.
 */
export async function startLocalKafka({ port = 0, dataDir, quiet = true, secured = false, behind = [] } = {}) {
  const say = quiet ? () => undefined : (line) => console.log(line)
  const java = findJava()
  fetchJars()
  if (dataDir === undefined) removeLeftovers()
  const at = port === 0 ? await freePort() : port
  const data = resolve(dataDir ?? join(infra, 'data', `run-${process.pid}-${at}`))
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const isNew = !existsSync(join(data, 'log', 'meta.properties'))
  const logins = secured ? openLogins(data, { isNew, brokers: `127.0.0.1:${at}` }) : undefined
  const config = join(data, 'server.properties')
  const filled = { PORT: at, CONTROLLER_PORT: await freePort(), DATA: join(data, 'log'), BROKER_PASSWORD: logins?.broker }
  const templates = ['server.properties', ...(secured ? ['secured.properties'] : [])]
  const text = withListeners(templates.map((name) => readFileSync(join(infra, name), 'utf8')).join('\n'), behind)
  writePrivate(
    config,
    text.replace(/@([A-Z_]+)@/g, (_, name) => filled[name]),
  )
  if (isNew) format(java, { config, data, logins })
  const broker = spawn(java, [...jvm('-Xms128m', '-Xmx512m'), 'kafka.Kafka', config], { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = stopper(broker, dataDir === undefined ? data : undefined)
  try {
    await ready(broker)
  } catch (error) {
    await stop()
    throw error
  }
  say(`Kafka listens on 127.0.0.1:${at}`)
  return { brokers: [`127.0.0.1:${at}`], pid: broker.pid, adminFile: secured ? join(data, 'admin.json') : undefined, stop }
}

const withListeners = (text, behind) =>
  text
    .replace(/^listeners=.*$/m, (line) => [line, ...behind.map(({ port }, n) => `BEHIND${n}://127.0.0.1:${port}`)].join())
    .replace(/^advertised\.listeners=.*$/m, (line) => [line, ...behind.map(({ advertised }, n) => `BEHIND${n}://${advertised}`)].join())
    .replace(/^listener\.security\.protocol\.map=.*$/m, (line) => [line, ...behind.map((_, n) => `BEHIND${n}:PLAINTEXT`)].join())

/** The broker's own password and that of whoever sets up users and rules: random, made with the storage, for this user only. */
function openLogins(data, { isNew, brokers }) {
  const [adminFile, brokerFile] = [join(data, 'admin.json'), join(data, 'broker-password')]
  if (!isNew && !(existsSync(adminFile) && existsSync(brokerFile))) {
    throw new Error(
      `${data} was made by a broker without passwords, or lost them. --fresh starts anew and deletes what it holds; --data takes another folder.`,
    )
  }
  const secret = () => randomBytes(32).toString('base64url')
  if (isNew) writePrivate(brokerFile, secret())
  const password = isNew ? secret() : JSON.parse(readFileSync(adminFile, 'utf8')).password
  writePrivate(adminFile, `${JSON.stringify({ brokers, username: 'admin', password }, null, 2)}\n`)
  return { admin: password, broker: readFileSync(brokerFile, 'utf8') }
}

/** For this user only, also where the file was there before. */
function writePrivate(file, text) {
  rmSync(file, { force: true })
  writeFileSync(file, text, { mode: 0o600 })
}

const jvm = (...memory) => [
  ...memory,
  '-XX:+UseG1GC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${new URL('log4j2.properties', `file://${infra}`).href}`,
  '-cp',
  join(lib, '*'),
]

function findJava() {
  const candidates = [process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin', 'java'), 'java'].filter(Boolean)
  for (const java of candidates) {
    const { stderr, status } = spawnSync(java, ['-version'], { encoding: 'utf8' })
    const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
    if (status === 0 && major >= 17) return java
  }
  throw new Error('Kafka needs a Java runtime, 17 or newer: install one (Debian: openjdk-17-jre-headless) or set JAVA_HOME')
}

/** Into a folder beside, renamed when complete: whoever comes second, or after an interruption, finds all or nothing. */
export function fetchJars() {
  if (existsSync(lib)) return
  process.stderr.write('Fetching Kafka (about 70 MB, once) ...\n')
  const fresh = `${lib}.${process.pid}`
  const { status, error, stdout, stderr } = spawnSync(
    'mvn',
    ['-q', '-B', '-f', join(infra, 'pom.xml'), `-Dkafka.lib=${fresh}`, 'dependency:copy-dependencies'],
    { encoding: 'utf8', shell: process.platform === 'win32' },
  )
  if (error !== undefined) throw new Error('Kafka is fetched with Maven: install it (Debian: maven)')
  if (status !== 0) throw new Error(`Maven could not fetch Kafka:\n${stdout}${stderr}`.slice(0, 2000))
  try {
    renameSync(fresh, lib)
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(lib)) throw new Error(`${lib} could not be written`, { cause })
  }
}

/** The first two logins are part of the storage: nobody could add them to a broker that lets nobody in. */
function format(java, { config, data, logins, id = randomBytes(16).toString('base64url') }) {
  const users = Object.entries(logins ?? {}).flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ])
  // Arguments from a file: a list of processes would show them.
  const words = join(data, 'format.args')
  // One word with its option: an id may begin with a dash.
  writePrivate(words, ['format', `--cluster-id=${id}`, '-c', config, ...users].join('\n'))
  const { status, stdout, stderr } = spawnSync(java, [...jvm('-Xmx128m'), 'kafka.tools.StorageTool', `@${words}`], { encoding: 'utf8' })
  rmSync(words)
  if (status !== 0) throw new Error(`the broker's storage could not be formatted:\n${stdout}${stderr}`.slice(0, 2000))
}

function ready(broker) {
  return new Promise((done, failed) => {
    let seen = ''
    const timer = setTimeout(() => failed(new Error(`Kafka was not ready within ${READY_WITHIN_MS} ms:\n${seen}`)), READY_WITHIN_MS)
    const look = (chunk) => {
      if (seen.length < 20_000) seen += chunk
      if (!READY.test(seen)) return
      clearTimeout(timer)
      done()
    }
    broker.stdout.setEncoding('utf8').on('data', look)
    broker.stderr.setEncoding('utf8').on('data', look)
    broker.once('exit', (code) => {
      clearTimeout(timer)
      failed(new Error(`Kafka ended with ${code}:\n${seen}`))
    })
  })
}

function stopper(broker, temporary) {
  const ended = new Promise((done) => broker.once('exit', done))
  const guard = guardOf(broker)
  const killAtExit = () => broker.kill('SIGKILL')
  process.once('exit', killAtExit)
  return async () => {
    if (broker.exitCode === null && broker.signalCode === null) {
      broker.kill('SIGTERM')
      const timer = setTimeout(() => broker.kill('SIGKILL'), 10_000)
      await ended
      clearTimeout(timer)
    }
    guard?.kill('SIGKILL')
    process.off('exit', killAtExit)
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true })
  }
}

/** Ends the broker when this process is gone, however it ended: the kernel then closes the pipe that `cat` reads. */
function guardOf(broker) {
  if (process.platform === 'win32' || broker.pid === undefined) return undefined
  const guard = spawn('/bin/sh', ['-c', 'cat >/dev/null; kill -9 "$1" 2>/dev/null', 'sh', String(broker.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.stdin.on('error', () => undefined)
  guard.stdin.unref?.()
  guard.unref()
  return guard
}

/** Of brokers whose process was killed before it could tidy up. */
function removeLeftovers() {
  const folder = join(infra, 'data')
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = Number(/^run-(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

const freePort = () =>
  new Promise((done, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })

async function main() {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '9092' }, data: { type: 'string' }, fresh: { type: 'boolean', default: false } },
  })
  const dataDir = values.data ?? join(infra, 'data', 'default')
  if (values.fresh) rmSync(dataDir, { recursive: true, force: true })
  const kafka = await startLocalKafka({ port: Number(values.port), dataDir, quiet: false, secured: true })
  console.log(`It asks for a password. The administrator's: ${kafka.adminFile}`)
  console.log('Ctrl-C stops it. `npm run start:kafka` runs Weir on it.')
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void kafka.stop().then(() => process.exit(0)))
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
}
