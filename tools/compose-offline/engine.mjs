import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../install.mjs'
import { composeCommand } from './needs.mjs'
import { run, tail } from './run-command.mjs'
import { waitFor } from './wait-for.mjs'

const PROJECT = 'weir-offline'
const script = fileURLToPath(new URL('engine.sh', import.meta.url))

/**
 * A Docker engine in namespaces of its own, whose network has loopback and nothing else: nothing can be pulled, and its
 * ports are seen by `inside` alone. What it stores is in `home`. `log`: a file for what it prints.
 */
export async function startEngine({ home, log, logs }) {
  mkdirSync(join(home, 'run'), { recursive: true })
  const socket = join(home, 'docker.sock')
  rmSync(socket, { force: true })
  const output = openSync(log, 'w')
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  // A process group of its own: Ctrl-C at a terminal is for us, the containers are stopped in order.
  const compose = composeCommand()
  const env = environment({ home, socket })
  const child = spawn('unshare', [...namespaces, script, home], { stdio: ['pipe', output, output], detached: true })
  const ended = new Promise((done) => child.once('exit', done))
  const docker = (words, options) => run(['docker', ...words], { env, logs, ...options })

  const stop = async () => {
    child.stdin.end()
    const killer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await ended
    clearTimeout(killer)
  }
  const isUp = async () => {
    if (child.exitCode !== null) throw new Error(`dockerd ended by itself:\n${tail(readFileSync(log, 'utf8'))}`)
    return (await docker(['version', '--format', '{{.Server.Version}}'], { quiet: true, mayFail: true })).code === 0
  }
  try {
    await waitFor(isUp, { what: 'the Docker engine', withinMs: 60_000, hint: () => tail(readFileSync(log, 'utf8')) })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    env,
    docker,
    /** A command of this machine as it is, in its own network. */
    outside: (words, options) => run(words, { logs, cwd: root, ...options }),
    compose: (words, options) => run([...compose, '--project-name', PROJECT, ...words], { env, logs, cwd: root, ...options }),
    /** A command of this machine in the network of the engine. */
    inside: (words, options) => run(['nsenter', '--net', '--target', String(child.pid), ...words], { env, logs, cwd: root, ...options }),
    stop,
  }
}

/** No setting of this machine's user or of an installation of Weir gets in. */
function environment({ home, socket }) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(WEIR_|DOCKER_|COMPOSE_|TESTCONTAINERS_)/.test(name))
  const node = dirname(process.execPath)
  return {
    ...Object.fromEntries(kept),
    PATH: `${node}:${process.env.PATH}`,
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: join(home, 'client'),
    // the builder that every engine has
    DOCKER_BUILDKIT: '0',
    COMPOSE_DOCKER_CLI_BUILD: '0',
  }
}
