import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerUser } from './postgres-binaries.js'

export interface ServerPlace {
  readonly data: string
  readonly native: string
  readonly user: ServerUser | undefined
}

export interface Server {
  /** what the server printed lately */
  output(): string
  exited(): boolean
  stop(): Promise<void>
}

/** Nothing of ours: the server needs no secrets, and PG* variables of a developer would change what it does. */
export const serverEnvironment = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin' }

// The end of standard input is the end of the server: `cat` returns when the last holder of the pipe is gone.
// Background jobs of sh read /dev/null, hence descriptor 3. SIGINT is PostgreSQL's fast shutdown.
const lifeline = `exec 3<&0
"$@" 3<&- &
server=$!
(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) &
exec 3<&- </dev/null
wait $server`

// Another user's process cannot be signaled, but it has a folder in /proc; one that ended may wait there as a zombie.
const leased = `leases=$1; data=$2; shift 2
"$@" </dev/null &
server=$!
alive() {
  if [ -r "/proc/$1/status" ]; then ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; else kill -0 "$1" 2>/dev/null; fi
}
while kill -0 $server 2>/dev/null; do
  held=no
  for lease in "$leases"/*; do
    if alive "\${lease##*/}"; then held=yes; fi
  done
  if [ $held = no ]; then kill -INT $server; wait $server; break; fi
  sleep 1
done
rm -rf "$data"/*`

export interface ServerRun {
  readonly port: number
  readonly durable: boolean
  readonly leases: string | undefined
}

export function launch(place: ServerPlace, run: ServerRun): Server {
  const postgres = [join(place.native, 'bin', 'postgres'), '-D', place.data, ...settingsOf(run)]
  // Its own process group: Ctrl-C reaches this process only, which drains before it stops the database.
  const common = { ...place.user, cwd: '/', detached: true, env: serverEnvironment }
  if (run.leases === undefined) {
    return supervise(spawn('/bin/sh', ['-c', lifeline, 'sh', ...postgres], { ...common, stdio: ['pipe', 'pipe', 'pipe'] }))
  }
  const output = `${place.data}.log`
  const file = openSync(output, 'w', 0o600)
  const child = spawn('/bin/sh', ['-c', leased, 'sh', run.leases, place.data, ...postgres], { ...common, stdio: ['ignore', file, file] })
  closeSync(file)
  child.unref()
  return { ...supervise(child), output: () => readFileSync(output, 'utf8') }
}

function settingsOf(run: ServerRun): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(run.port),
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Containers often have a small /dev/shm, and no statement here gains from parallel workers.
    max_parallel_workers_per_gather: '0',
    ...(run.durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function supervise(child: ChildProcess): Server {
  let output = ''
  let over = false
  const keep = (chunk: Buffer) => {
    output = `${output}${chunk.toString('utf8')}`.slice(-8_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.stdin?.on('error', () => undefined)
  const ended = new Promise<void>((done) => {
    child.once('error', (error) => {
      output += error.message
      over = true
      done()
    })
    child.once('exit', () => {
      over = true
      child.stdin?.destroy()
      done()
    })
  })
  return {
    output: () => output,
    exited: () => over,
    stop: async () => {
      child.stdin?.end()
      await ended
    },
  }
}
