import { createHash, createHmac } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startEmbeddedPostgres } from '@weir/persistence'
import { Client } from 'pg'
import { startPostgresContainer } from './postgres-container.js'

/** One server for all test processes of this checkout and user. */
const key = createHash('sha256')
  .update(`${import.meta.dirname}:${process.getuid?.() ?? ''}`)
  .digest('hex')
  .slice(0, 10)
const base = join(tmpdir(), `weir-tests-${key}`)
const leases = join(base, 'leases')
const address = join(base, 'server.url')
const starting = join(base, 'starting')

/**
 * URL of the superuser of the server that WEIR_TEST_POSTGRES says: an address; `container` for one per process that asks;
 * else the embedded one, which the first caller starts and which ends by itself, with its data, a second after the last
 * process that asked for it.
 */
export async function testServer(): Promise<string> {
  const wanted = process.env['WEIR_TEST_POSTGRES'] ?? ''
  if (wanted === 'container') return await containerOfThisProcess()
  return wanted === '' ? await embeddedServer() : wanted
}

/** Known by a file, because Jest gives every spec file modules of its own. */
async function containerOfThisProcess(): Promise<string> {
  mkdirSync(base, { recursive: true, mode: 0o755 })
  const file = join(base, `container-${process.pid}.url`)
  for (const name of readdirSync(base)) {
    const owner = /^container-(\d+)\.url$/.exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(base, name), { force: true })
  }
  // A former process of this id may have left one: then its server is gone.
  const running = await runningServer(file)
  if (running !== undefined) return running
  const url = await startPostgresContainer()
  writeFileSync(file, url, { mode: 0o600 })
  return url
}

async function embeddedServer(): Promise<string> {
  mkdirSync(leases, { recursive: true, mode: 0o755 })
  for (const folder of [base, leases]) chmodSync(folder, 0o755)
  writeFileSync(join(leases, String(process.pid)), '')
  const deadline = Date.now() + 90_000
  for (;;) {
    const url = await runningServer(address)
    if (url !== undefined) return url
    if (claimStart()) {
      try {
        return (await runningServer(address)) ?? (await startServer())
      } finally {
        rmSync(starting, { force: true })
      }
    }
    if (Date.now() > deadline) throw new Error(`no test database server appeared; remove ${base} and try again`)
    await delay(50)
  }
}

/** Deterministic, because databases that are made side by side share the roles of the server. */
export const passwordOf = (adminUrl: string, role: string): string =>
  createHmac('sha256', new URL(adminUrl).password).update(role).digest('base64url')

async function startServer(): Promise<string> {
  for (const name of readdirSync(base)) if (name.startsWith('data-')) rmSync(join(base, name), { recursive: true, force: true })
  for (const pid of readdirSync(leases)) if (!isAlive(Number(pid))) rmSync(join(leases, pid), { force: true })
  const dataDir = join(base, `data-${process.pid}-${Date.now()}`)
  const server = await startEmbeddedPostgres({ dataDir, durable: false, leases })
  writeFileSync(`${address}.new`, server.adminUrl, { mode: 0o600 })
  renameSync(`${address}.new`, address)
  return server.adminUrl
}

async function runningServer(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined
  const url = readFileSync(file, 'utf8')
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return url
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** True for exactly one process; a claim whose process died is void. */
function claimStart(): boolean {
  try {
    writeFileSync(starting, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const holder = existsSync(starting) ? Number(readFileSync(starting, 'utf8')) : 0
    if (holder > 0 && !isAlive(holder)) rmSync(starting, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
