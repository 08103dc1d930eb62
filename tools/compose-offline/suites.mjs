import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../install.mjs'

/** Projects whose integration specs ask for a database or for brokers. */
const PROJECTS = ['libs/persistence', 'libs/messaging', 'libs/service-host', 'services']

/**
 * The integration suites, whose PostgreSQL and Kafka are containers that testcontainers starts from the same images.
 * Fails where a test does, and where no container of an image was started: then something else was tested.
 */
export async function runSuites(engine, { names, say }) {
  const started = watchStarts(engine)
  // Ryuk, which removes what a test left behind, is an image that nobody can pull here; see below.
  const env = { ...engine.env, TESTCONTAINERS_RYUK_DISABLED: 'true', WEIR_REQUIRE: 'kafka', ...containersOnly(names) }
  const test = [process.execPath, join(root, 'tools/test.mjs'), 'integration', ...PROJECTS]
  try {
    const { code, stdout, stderr } = await engine.inside(test, { env, mayFail: true })
    stderr
      .split('\n')
      .filter((line) => /^(PASS|FAIL) /.test(line))
      .forEach((line) => say(line))
    const counts = stdout.split('\n').find((line) => line.startsWith('integration:'))
    say(counts ?? 'no counts were printed')
    if (code !== 0) throw new Error('tests failed; the log of this run says which')
  } finally {
    await started.stop()
    await removeContainers(engine)
  }
  for (const image of [names.postgres, names.kafka]) {
    const count = started.images.filter((started) => started === image).length
    say(`${count} containers of ${image} were started for them`)
    if (count === 0) throw new Error(`no test ran on ${image}`)
  }
}

const containersOnly = ({ postgres, kafka }) => ({
  WEIR_TEST_BROKERS: 'container',
  WEIR_KAFKA_IMAGE: kafka,
  WEIR_TEST_POSTGRES: 'container',
  WEIR_POSTGRES_IMAGE: postgres,
})

/** The image of every container that starts from now on. */
function watchStarts(engine) {
  const words = ['events', '--filter', 'type=container', '--filter', 'event=start', '--format', '{{.From}}']
  const child = spawn('docker', words, { env: engine.env, stdio: ['ignore', 'pipe', 'ignore'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => (printed += chunk))
  const ended = once(child, 'exit')
  return {
    get images() {
      return printed.split('\n')
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function removeContainers(engine) {
  const { stdout } = await engine.docker(['ps', '--all', '--quiet', '--filter', 'label=org.testcontainers=true'])
  const ids = stdout.split('\n').filter((id) => id !== '')
  if (ids.length > 0) await engine.docker(['rm', '--force', '--volumes', ...ids])
}
