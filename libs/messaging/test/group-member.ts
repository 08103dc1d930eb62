import { openDatabase } from '@weir/persistence'
import { createKafkaTransport } from '../src/kafka-transport.js'
import { MessagingFault } from '../src/messaging-fault.js'
import { listener, silent, withConsume } from './listening-service.js'

/**
 * A service as a process that its parent stops and continues: it holds the first batch that has a message of the key
 * until it is told to go on, and tells what became of it.
 */
const { GROUP_MEMBER: given = '' } = process.env
const { url, key, sessionTimeoutMs, ...kafka } = JSON.parse(given) as {
  readonly url: string
  readonly brokers: readonly string[]
  readonly prefix: string
  readonly instance?: string
  readonly sessionTimeoutMs: number
  readonly key: string
}

const database = await openDatabase({ url, name: 'member' })
const transport = createKafkaTransport({ ...kafka, clientId: 'member', logger: silent, consumer: { sessionTimeoutMs } })
const goOn = new Promise<void>((done) => process.once('message', () => done()))
let holds = false

const runtime = listener({
  database: { database },
  transport: withConsume(transport, (options) => ({
    ...options,
    onBatch: async (batch) => {
      if (holds || !batch.messages.some((message) => message.key === key)) return options.onBatch(batch)
      holds = true
      process.send?.('holds')
      await goOn
      try {
        await options.onBatch(batch)
        process.send?.('handled')
      } catch (error) {
        process.send?.(error instanceof MessagingFault ? error.code : String(error))
        throw error
      }
    },
  })),
})
await runtime.start()
process.once('SIGTERM', () => void runtime.drain().then(() => process.exit(0)))
