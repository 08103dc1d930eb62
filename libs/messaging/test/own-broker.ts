import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface LocalKafka {
  startLocalKafka(options: { port?: number; dataDir: string }): Promise<{ brokers: readonly string[]; pid: number; stop(): Promise<void> }>
}

/** A broker to be killed. */
export interface OwnBroker {
  readonly brokers: readonly string[]
  kill(): Promise<void>
  /** at the same address, with what its files still hold */
  start(): Promise<void>
  /** sizes of the files that hold a topic's messages, by file */
  sizesOf(topic: string): ReadonlyMap<string, number>
  /** What a machine without power loses: the end of its files that was written and not yet on disk. */
  cut(sizes: ReadonlyMap<string, number>): void
  stop(): Promise<void>
}

export async function ownBroker(): Promise<OwnBroker> {
  const tool = pathToFileURL(join(import.meta.dirname, '../../../tools/kafka.mjs')).href
  const { startLocalKafka } = (await import(tool)) as LocalKafka
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-kafka-'))
  let kafka = await startLocalKafka({ dataDir })
  const { brokers } = kafka
  return {
    brokers,
    kill: async () => {
      process.kill(kafka.pid, 'SIGKILL')
      await kafka.stop()
    },
    start: async () => {
      kafka = await startLocalKafka({ dataDir, port: Number(brokers[0]?.split(':')[1]) })
    },
    sizesOf: (topic) => {
      const folders = readdirSync(join(dataDir, 'log')).filter((name) => name.replace(/-\d+$/, '') === topic)
      const files = folders.flatMap((folder) =>
        readdirSync(join(dataDir, 'log', folder))
          .filter((name) => name.endsWith('.log'))
          .map((name) => join(dataDir, 'log', folder, name)),
      )
      return new Map(files.map((file) => [file, statSync(file).size]))
    },
    cut: (sizes) => {
      for (const [file, size] of sizes) truncateSync(file, size)
    },
    stop: async () => {
      await kafka.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
