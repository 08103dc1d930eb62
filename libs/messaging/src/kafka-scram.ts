import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Kafka } from 'kafkajs'
import type { KafkaLogin } from './kafka-client.js'
import { withBroker } from './kafka-cluster.js'

interface Encoder {
  writeInt8(value: number): Encoder
  writeInt32(value: number): Encoder
  writeUVarIntString(value: string): Encoder
  writeUVarIntBytes(value: Buffer): Encoder
  writeUVarIntArray(items: readonly Encoder[]): Encoder
}
interface Decoder {
  readInt8(): number
  readInt16(): number
  readInt32(): number
  readUVarIntString(): string | null
  readUVarIntArray<T>(read: (decoder: Decoder) => T): T[]
  readTaggedFields(): unknown
}
interface Answer {
  readonly user: string | null
  readonly code: number
  readonly message: string | null
}
interface Broker {
  readonly connectionPool: { send(protocol: unknown): Promise<Answer[]> }
}

const ALTER_USER_SCRAM_CREDENTIALS = 51
const SCRAM_SHA_512 = 2
// The least that Kafka takes. Stretching helps passwords that can be guessed; these are 256 random bits.
const ITERATIONS = 4096
const NO_TAGS = 0

/**
 * Creates users of the broker, or gives them another password. kafkajs 2.2.4 has everything for it but the request
 * itself (AlterUserScramCredentials, KIP-554), so that is written here and sent through kafkajs's connections.
 */
export async function setScramUsers(kafka: Kafka, logins: readonly KafkaLogin[]): Promise<void> {
  const answers = await withBroker(kafka, (broker: Broker) => broker.connectionPool.send(scramRequest(logins)))
  const refused = answers.filter(({ code }) => code !== 0)
  if (refused.length === 0) return
  throw new Error(refused.map(({ user, code, message }) => `${user}: ${message ?? 'refused'} (${code})`).join('; '))
}

function scramRequest(logins: readonly KafkaLogin[]) {
  const require = createRequire(import.meta.url)
  const KafkaEncoder = require('kafkajs/src/protocol/encoder') as new () => Encoder
  const KafkaDecoder = require('kafkajs/src/protocol/decoder') as new (data: Buffer) => Decoder
  const upsertion = ({ username, password }: KafkaLogin) => {
    const salt = randomBytes(32)
    return new KafkaEncoder()
      .writeUVarIntString(username)
      .writeInt8(SCRAM_SHA_512)
      .writeInt32(ITERATIONS)
      .writeUVarIntBytes(salt)
      .writeUVarIntBytes(pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512'))
      .writeInt8(NO_TAGS)
  }
  return {
    request: {
      apiKey: ALTER_USER_SCRAM_CREDENTIALS,
      apiVersion: 0,
      apiName: 'AlterUserScramCredentials',
      // The first tags end the header, which kafkajs knows only without them.
      encode: async () =>
        new KafkaEncoder().writeInt8(NO_TAGS).writeUVarIntArray([]).writeUVarIntArray(logins.map(upsertion)).writeInt8(NO_TAGS),
    },
    response: {
      decode: async (data: Buffer) => {
        const decoder = new KafkaDecoder(data)
        decoder.readTaggedFields()
        decoder.readInt32()
        return decoder.readUVarIntArray((at): Answer => {
          const answer = { user: at.readUVarIntString(), code: at.readInt16(), message: at.readUVarIntString() }
          at.readTaggedFields()
          return answer
        })
      },
      parse: async (answers: Answer[]) => answers,
    },
  }
}
