import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'

export type TestBrokers =
  { readonly brokers: readonly string[]; readonly source: string; stop(): Promise<void> } | { readonly skipped: string }

/**
 * A Kafka to test against, the first of: the brokers of WEIR_TEST_BROKERS; a container, where a Docker engine answers
 * and has or can pull the image; the local KRaft broker of `tools/kafka.mjs`, unless WEIR_TEST_BROKERS is `container`.
 * Else the reason to report as skipped, which is an error where WEIR_REQUIRE lists `kafka`. Use topics of a prefix of
 * your own: brokers may be shared.
 */
export async function testBrokers(): Promise<TestBrokers> {
  const given = process.env['WEIR_TEST_BROKERS'] ?? ''
  if (given !== '' && given !== 'container') {
    return { brokers: given.split(',').map((broker) => broker.trim()), source: 'WEIR_TEST_BROKERS', stop: () => Promise.resolve() }
  }
  const reasons: string[] = []
  const starts = given === 'container' ? [startContainer] : [startContainer, () => startLocal({ secured: false })]
  for (const start of starts) {
    try {
      return await start()
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  return skip(`${given === '' ? 'WEIR_TEST_BROKERS is not set; ' : ''}${reasons.join('; ')}`)
}

export type SecuredTestBrokers =
  | {
      readonly brokers: readonly string[]
      readonly source: string
      /** of the administrator: `{username, password}` */
      readonly adminFile: string
      readonly admin: { readonly username: string; readonly password: string }
      stop(): Promise<void>
    }
  | { readonly skipped: string }

/** The local KRaft broker as `npm run kafka` starts it: it asks for a password and refuses what no rule allows. */
export async function securedTestBrokers(): Promise<SecuredTestBrokers> {
  try {
    const { adminFile, ...kafka } = await startLocal({ secured: true })
    if (adminFile === undefined) throw new Error('the broker has no administrator')
    const admin = JSON.parse(readFileSync(adminFile, 'utf8')) as { username: string; password: string }
    return { ...kafka, adminFile, admin }
  } catch (error) {
    return skip(error instanceof Error ? error.message : String(error))
  }
}

function skip(why: string): { readonly skipped: string } {
  const skipped = `no Kafka: ${why}`
  if ((process.env['WEIR_REQUIRE'] ?? '').split(',').includes('kafka')) throw new Error(`WEIR_REQUIRE=kafka, but ${skipped}`)
  return { skipped }
}

async function startContainer(): Promise<TestBrokers> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers')
  await getContainerRuntimeClient().catch((cause: unknown) => {
    throw new Error('no Docker engine answers', { cause })
  })
  // Clients are sent to the advertised address, so the port must be known before the broker starts.
  const port = await freePort()
  const image = process.env['WEIR_KAFKA_IMAGE'] ?? 'apache/kafka:4.3.1'
  const container = await new GenericContainer(image)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:19093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:19093',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(120_000)
    .start()
  return {
    brokers: [`127.0.0.1:${port}`],
    source: `container ${image}`,
    stop: async () => {
      await container.stop()
    },
  }
}

/** What `tools/kafka.mjs` exports. */
interface LocalKafka {
  startLocalKafka(options: { readonly secured: boolean }): Promise<{
    readonly brokers: readonly string[]
    readonly adminFile: string | undefined
    stop(): Promise<void>
  }>
}

async function startLocal(options: { readonly secured: boolean }) {
  const tool = fileURLToPath(new URL('../../../tools/kafka.mjs', import.meta.url))
  if (!existsSync(tool)) throw new Error('tools/kafka.mjs is absent')
  const { startLocalKafka } = (await import(pathToFileURL(tool).href)) as LocalKafka
  const kafka = await startLocalKafka(options)
  return { brokers: kafka.brokers, adminFile: kafka.adminFile, source: 'local KRaft broker', stop: () => kafka.stop() }
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
