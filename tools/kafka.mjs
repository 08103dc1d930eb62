#!/usr/bin/env node
// A real Kafka broker on this machine, from Maven artifacts and a Java runtime (17 or newer).
//
//   npm run kafka [-- --port 9092] [--data FOLDER] [--fresh]
//
// As a module: startLocalKafka({ port, dataDir, quiet }) -> { brokers, pid, stop() }. Loopback only.
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

/** `port` 0: any free one. `dataDir` keeps what the broker holds; without it, it goes with the broker. */
export async function startLocalKafka({ port = 0, dataDir, quiet = true } = {}) {
  const say = quiet ? () => undefined : (line) => console.log(line)
  const java = findJava()
  fetchJars()
  if (dataDir === undefined) removeLeftovers()
  const at = port === 0 ? await freePort() : port
  const data = resolve(dataDir ?? join(infra, 'data', `run-${process.pid}-${at}`))
  mkdirSync(data, { recursive: true })
  const config = join(data, 'server.properties')
  const filled = { PORT: at, CONTROLLER_PORT: await freePort(), DATA: join(data, 'log') }
  writeFileSync(
    config,
    readFileSync(join(infra, 'server.properties'), 'utf8').replace(/@([A-Z_]+)@/g, (_, name) => filled[name]),
  )
  if (!existsSync(join(data, 'log', 'meta.properties'))) format(java, config)
  const broker = spawn(java, [...jvm('-Xms128m', '-Xmx512m'), 'kafka.Kafka', config], { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = stopper(broker, dataDir === undefined ? data : undefined)
  try {
    await ready(broker)
  } catch (error) {
    await stop()
    throw error
  }
  say(`Kafka listens on 127.0.0.1:${at}`)
  return { brokers: [`127.0.0.1:${at}`], pid: broker.pid, stop }
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
function fetchJars() {
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

function format(java, config) {
  const id = randomBytes(16).toString('base64url')
  const { status, stdout, stderr } = spawnSync(java, [...jvm('-Xmx128m'), 'kafka.tools.StorageTool', 'format', '-t', id, '-c', config], {
    encoding: 'utf8',
  })
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
  const kafka = await startLocalKafka({ port: Number(values.port), dataDir, quiet: false })
  console.log('Ctrl-C stops it. `npm run start:kafka` runs Weir on it.')
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void kafka.stop().then(() => process.exit(0)))
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
}
