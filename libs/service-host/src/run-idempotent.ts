import { createHash } from 'node:crypto'
import { canonicalJson } from '@weir/kernel'
import type { UnitOfWork } from '@weir/messaging'
import { ProblemError } from './problem-error.js'

export interface KeyedCommand {
  /** of the client; put the actor and the command in front where clients could share keys */
  readonly key: string
  /** whatever makes the command what it is, usually the body; its canonical JSON is digested */
  readonly fingerprint: unknown
}

export interface IdempotentCommand extends KeyedCommand {
  readonly unit: Pick<UnitOfWork, 'tx'>
}

export interface CommandAnswer<Body> {
  readonly status: number
  readonly body: Body
}

export type KeptAnswer<Body> = CommandAnswer<Body> & { readonly replayed: boolean }

/**
 * Runs `work` once per key, inside the unit's transaction: what it wrote and its answer are saved together. A repeated
 * key gets the saved answer; the same key with another fingerprint is refused (422). Nothing is kept when `work` throws.
 */
export async function runIdempotent<Body>(command: IdempotentCommand, work: () => Promise<CommandAnswer<Body>>): Promise<KeptAnswer<Body>> {
  const [answer] = await runIdempotentMany({ unit: command.unit, commands: [command] }, async () => [await work()])
  if (answer === undefined) throw new Error('the command has no answer')
  if (answer instanceof ProblemError) throw answer
  return answer
}

/**
 * The same for commands with different keys, in one transaction and in their order. `work` gets the places of those that
 * were not run before and answers them in that order; a refusal leaves its key free.
 */
export async function runIdempotentMany<Body>(
  of: { readonly unit: Pick<UnitOfWork, 'tx'>; readonly commands: readonly KeyedCommand[] },
  work: (fresh: readonly number[]) => Promise<readonly (CommandAnswer<Body> | ProblemError)[]>,
): Promise<readonly (KeptAnswer<Body> | ProblemError)[]> {
  const { tx } = of.unit
  const commands = of.commands.map(({ key, fingerprint }) => ({ key, fingerprint: digestOf(fingerprint) }))
  // A concurrent run of the same key makes this wait until that one has committed or rolled back.
  const rows = await tx.query<{ key: string }>(CLAIM, [commands.map(({ key }) => key), commands.map(({ fingerprint }) => fingerprint)])
  const claimed = new Set(rows.map(({ key }) => key))
  const fresh = commands.flatMap(({ key }, place) => (claimed.has(key) ? [place] : []))
  const saved = await savedAnswers<Body>(
    tx,
    commands.filter(({ key }) => !claimed.has(key)),
  )
  const made = fresh.length === 0 ? [] : await work(fresh)
  const answers = new Map(fresh.map((place, n) => [commands[place]?.key, made[n]]))
  await keep(tx, answers)
  return commands.map(({ key }) => {
    const answer = answers.get(key) ?? saved.get(key)
    if (answer === undefined) throw new Error('a claimed idempotency key has no answer')
    return answer instanceof ProblemError ? answer : { ...answer, replayed: !claimed.has(key) }
  })
}

const CLAIM = `
  insert into command_log (key, fingerprint)
  select key, fingerprint from unnest($1::text[], $2::text[]) as c (key, fingerprint) order by key
  on conflict do nothing returning key`

const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

type Answers<Body> = ReadonlyMap<string | undefined, CommandAnswer<Body> | ProblemError | undefined>

async function savedAnswers<Body>(
  tx: UnitOfWork['tx'],
  commands: readonly { readonly key: string; readonly fingerprint: string }[],
): Promise<Answers<Body>> {
  if (commands.length === 0) return new Map()
  const rows = await tx.query<{ key: string; fingerprint: string; status: number; response: Body }>(
    'select key, fingerprint, status, response from command_log where key = any ($1)',
    [commands.map(({ key }) => key)],
  )
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return new Map(
    commands.map(({ key, fingerprint }) => {
      const row = byKey.get(key)
      if (row === undefined) return [key, undefined]
      return [key, row.fingerprint === fingerprint ? { status: row.status, body: row.response } : reusedKey()]
    }),
  )
}

async function keep<Body>(tx: UnitOfWork['tx'], answers: Answers<Body>): Promise<void> {
  const all = [...answers].flatMap(([key, answer]) => (key === undefined || answer === undefined ? [] : [{ key, answer }]))
  const refused = all.filter(({ answer }) => answer instanceof ProblemError)
  if (refused.length > 0) await tx.query('delete from command_log where key = any ($1)', [refused.map(({ key }) => key)])
  const kept = all.flatMap(({ key, answer }) => (answer instanceof ProblemError ? [] : [{ key, ...answer }]))
  if (kept.length === 0) return
  await tx.query(
    `update command_log l set status = a.status, response = a.response::json
     from unnest($1::text[], $2::int[], $3::text[]) as a (key, status, response) where l.key = a.key`,
    [kept.map(({ key }) => key), kept.map(({ status }) => status), kept.map(({ body }) => JSON.stringify(body) ?? null)],
  )
}

const reusedKey = (): ProblemError =>
  new ProblemError({
    status: 422,
    code: 'idempotency-key-reused',
    title: 'This idempotency key belongs to another command.',
    detail: 'Choose a new key for a new command.',
  })
