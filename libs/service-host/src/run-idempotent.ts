import { createHash } from 'node:crypto'
import { canonicalJson } from '@weir/kernel'
import type { UnitOfWork } from '@weir/messaging'
import { ProblemError } from './problem-error.js'

export interface IdempotentCommand {
  readonly unit: Pick<UnitOfWork, 'tx'>
  /** of the client; put the actor and the command in front where clients could share keys */
  readonly key: string
  /** whatever makes the command what it is, usually the body; its canonical JSON is digested */
  readonly fingerprint: unknown
  readonly table?: string
}

export interface CommandAnswer<Body> {
  readonly status: number
  readonly body: Body
}

/**
 * Runs `work` once per key, inside the unit's transaction: what it wrote and its answer are saved together. A repeated
 * key gets the saved answer; the same key with another fingerprint is refused (422). Nothing is kept when `work` throws.
 */
export async function runIdempotent<Body>(
  command: IdempotentCommand,
  work: () => Promise<CommandAnswer<Body>>,
): Promise<CommandAnswer<Body> & { readonly replayed: boolean }> {
  const table = command.table ?? 'command_log'
  if (!/^[a-z][a-z0-9_]*$/.test(table)) throw new TypeError(`not a table name: ${table}`)
  const { tx } = command.unit
  const fingerprint = createHash('sha256').update(canonicalJson(command.fingerprint)).digest('hex')
  // A concurrent run of the same key makes this wait until that one has committed or rolled back.
  const claimed = await tx.query(`insert into ${table} (key, fingerprint) values ($1, $2) on conflict do nothing returning key`, [
    command.key,
    fingerprint,
  ])
  if (claimed.length === 0) return { ...(await savedAnswer<Body>(command, { table, fingerprint })), replayed: true }
  const answer = await work()
  await tx.query(`update ${table} set status = $2, response = $3 where key = $1`, [
    command.key,
    answer.status,
    JSON.stringify(answer.body) ?? null,
  ])
  return { ...answer, replayed: false }
}

async function savedAnswer<Body>(
  command: IdempotentCommand,
  expected: { readonly table: string; readonly fingerprint: string },
): Promise<CommandAnswer<Body>> {
  const [saved] = await command.unit.tx.query<{ fingerprint: string; status: number; response: Body }>(
    `select fingerprint, status, response from ${expected.table} where key = $1`,
    [command.key],
  )
  if (saved === undefined) throw new Error('a claimed idempotency key has no row')
  if (saved.fingerprint !== expected.fingerprint) {
    throw new ProblemError({
      status: 422,
      code: 'idempotency-key-reused',
      title: 'This idempotency key belongs to another command.',
      detail: 'Choose a new key for a new command.',
    })
  }
  return { status: saved.status, body: saved.response }
}
