import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { kafkaAccess, provisionKafka, type KafkaLogin, type KafkaParty, type ProvisionKafkaOptions } from '@weir/messaging'
import { writePrivate } from './private-file.js'

/** Who may make topics, users and rules on a broker, as `npm run kafka` leaves it in its folder. */
export interface KafkaAdmin extends KafkaLogin {
  /** absent: of whichever broker is meant */
  readonly brokers?: string
}

export function readKafkaAdmin(file: string): KafkaAdmin {
  const known = JSON.parse(readFileSync(file, 'utf8')) as Partial<KafkaAdmin>
  const { username, password, brokers } = known
  if (typeof username !== 'string' || typeof password !== 'string') throw new Error(`${file} is not a JSON object of username and password`)
  return { username, password, ...(brokers === undefined ? {} : { brokers }) }
}

/**
 * Topics, users and rules of an installation, with a random password per party. `passwordsFile` (JSON, mode 0600) keeps
 * them; one that is taken out of it is made anew.
 */
export async function openKafkaAccess(
  options: Omit<ProvisionKafkaOptions, 'passwords'> & { readonly passwordsFile: string },
): Promise<Record<KafkaParty, KafkaLogin>> {
  const { passwordsFile: file, ...broker } = options
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
  const names = kafkaAccess(broker.prefix ?? '').map(({ principal }) => principal)
  const passwords = { ...known, ...Object.fromEntries(names.map((name) => [name, known[name] ?? randomBytes(32).toString('base64url')])) }
  if (names.some((name) => known[name] === undefined)) writePrivate(file, `${JSON.stringify(passwords, null, 2)}\n`)
  return await provisionKafka({ ...broker, passwords })
}
