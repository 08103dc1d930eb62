import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { PersistenceFault } from './persistence-fault.js'
import { postgresBinaries, privateBase, serverUser, type ServerUser } from './postgres-binaries.js'
import { launch, serverEnvironment, type Server, type ServerPlace } from './server-process.js'

export interface EmbeddedPostgresOptions {
  readonly dataDir: string
  /** 0 or absent: any free one */
  readonly port?: number
  /** false: no fsync. For tests: a crash of the machine may lose or break the data. */
  readonly durable: boolean
  readonly logger?: { info(message: string): void }
  /**
   * A folder of files named by process id. The server then serves all these processes: it outlives this one, ends when
   * none of them runs any more, and its data goes with it. For test runs.
   */
  readonly leases?: string
}

export interface EmbeddedPostgres {
  /** superuser, database `postgres` */
  readonly adminUrl: string
  /** Ends sessions, writes a checkpoint, waits for the end of the server. */
  stop(): Promise<void>
}

interface Place extends ServerPlace {
  /** beside the requested folder, even when the data had to go elsewhere */
  readonly passwordFile: string
  readonly log: (line: string) => void
}

/**
 * Starts a PostgreSQL of this clone on 127.0.0.1. What `dataDir` holds survives restarts. The server ends with this
 * process, however that ends: it watches a pipe that the kernel closes.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = choosePlace(options)
  await awaitFormerServer(place)
  if (!existsSync(join(place.data, 'PG_VERSION'))) initialize(place, options.durable)
  const password = readPassword(place)
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port
  const server = launch(place, { port, durable: options.durable, leases: options.leases })
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  try {
    await awaitReady(server, adminUrl)
  } catch (error) {
    await server.stop()
    throw error
  }
  place.log(`PostgreSQL listens on 127.0.0.1:${port}, data in ${place.data}.`)
  return { adminUrl, stop: () => server.stop() }
}

function choosePlace(options: EmbeddedPostgresOptions): Place {
  const log = (line: string) => options.logger?.info(line)
  const requested = resolve(options.dataDir)
  const user = serverUser()
  const native = postgresBinaries(user, log)
  mkdirSync(dirname(requested), { recursive: true })
  const passwordFile = `${requested}.password`
  if (user === undefined || isPassable(dirname(requested), user)) return { data: requested, passwordFile, native, user, log }
  const data = join(privateBase(requested), 'data')
  log(`The server's user cannot reach ${requested}: the data lies in ${data}.`)
  if (existsSync(data) && !existsSync(passwordFile)) {
    // The folder it belonged to was removed, so this is a new installation at an old path.
    renameSync(data, `${data}.left-${Date.now()}`)
  }
  return { data, passwordFile, native, user, log }
}

const isPassable = (folder: string, user: ServerUser): boolean =>
  spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0

/** After a crash of its owner the former server may need a moment to end; one that stays has another owner. */
async function awaitFormerServer(place: Place): Promise<void> {
  const file = join(place.data, 'postmaster.pid')
  const deadline = Date.now() + 5_000
  while (existsSync(file)) {
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
    if (!isServer(pid, place.data)) {
      rmSync(file, { force: true })
      return
    }
    if (Date.now() > deadline) {
      throw new PersistenceFault({
        code: 'postgres-already-running',
        message: `Another process (${pid}) serves ${place.data}. Stop it, or choose another WEIR_HOME.`,
      })
    }
    await delay(50)
  }
}

/** The number may long belong to another process, above all in a container. */
function isServer(pid: number, data: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data)
  } catch {
    return false
  }
}

/** Into a folder beside, renamed when complete: an interrupted initdb leaves nothing that looks like a database. */
function initialize(place: Place, durable: boolean): void {
  const fresh = `${place.data}.new`
  const passwordForInit = `${place.data}.init`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true, mode: 0o700 })
  const password = randomBytes(24).toString('base64url')
  writeFileSync(passwordForInit, password, { mode: 0o600 })
  if (place.user !== undefined) for (const path of [fresh, passwordForInit]) chownSync(path, place.user.uid, place.user.gid)
  try {
    const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordForInit}`]
    const run = spawnSync(join(place.native, 'bin', 'initdb'), ['-D', fresh, ...flags, ...(durable ? [] : ['--no-sync'])], {
      ...place.user,
      cwd: '/',
      encoding: 'utf8',
      env: serverEnvironment,
    })
    if (run.status !== 0) {
      throw new PersistenceFault({
        code: 'postgres-start-failed',
        message: `initdb failed: ${run.error?.message ?? `${run.stdout}\n${run.stderr}`}`,
      })
    }
  } finally {
    rmSync(passwordForInit, { force: true })
  }
  writeFileSync(place.passwordFile, password, { mode: 0o600 })
  chmodSync(place.passwordFile, 0o600)
  rmSync(place.data, { recursive: true, force: true })
  renameSync(fresh, place.data)
}

function readPassword(place: Place): string {
  try {
    return readFileSync(place.passwordFile, 'utf8').trim()
  } catch (cause) {
    throw new PersistenceFault({
      code: 'postgres-password-lost',
      message: `${place.data} holds a database, but its password file ${place.passwordFile} cannot be read. Restore it, or remove the data.`,
      cause,
    })
  }
}

async function awaitReady(server: Server, adminUrl: string): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch (cause) {
      if (server.exited() || Date.now() > deadline) {
        throw new PersistenceFault({ code: 'postgres-start-failed', message: `PostgreSQL did not start: ${server.output()}`, cause })
      }
      await delay(50)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  return await new Promise<number>((found, failed) => {
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => found(port))
    })
  })
}
