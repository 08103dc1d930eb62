import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { WeirClient } from '@weir/demo'
import type { RunFile } from '@weir/launch'
import { until } from '@weir/testing'

const root = fileURLToPath(new URL('../', import.meta.url))

export interface WeirProcess {
  readonly client: WeirClient
  readonly run: RunFile
  readonly home: string
  /** what it printed so far */
  output(): string
  /** As Ctrl-C does; the exit code. */
  interrupt(): Promise<number | null>
  /** Interrupts it if it still runs, and removes its home. */
  remove(): Promise<void>
}

export interface StartOptions {
  readonly script: 'services/embedded/dist/main.js' | 'tools/start-kafka.mjs'
  readonly arguments?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** absent: a new one */
  readonly home?: string
}

/** Starts Weir as a process of its own, at any free port, as `npm start` would; settles when run.json says that it is ready. */
export async function startWeir(options: StartOptions): Promise<WeirProcess> {
  await promisify(execFile)(process.execPath, [join(root, 'tools/build.mjs')], { cwd: root })
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'weir-e2e-'))
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, options.script), ...(options.arguments ?? [])], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', WEIR_HOME: home, WEIR_PORT: '0', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk))
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const interrupt = async () => {
    if (isRunning(child)) child.kill('SIGINT')
    return await ended
  }
  const remove = async () => {
    await interrupt()
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const file = join(home, 'run.json')
    await until(() => existsSync(file) || !isRunning(child), { describe: `${options.script} is ready`, timeoutMs: 120_000, everyMs: 100 })
    if (!isRunning(child)) throw new Error(`${options.script} ended by itself:\n${printed}`)
    const run = JSON.parse(readFileSync(file, 'utf8')) as RunFile
    return { client: new WeirClient(run), run, home, output: () => printed, interrupt, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
