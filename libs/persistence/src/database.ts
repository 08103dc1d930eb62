import 'reflect-metadata'
import { DataSource, type EntitySchema, type QueryRunner } from 'typeorm'
import { arrayEncoders, type ArrayEncoder } from './array-parameters.js'
import { isTransient, PersistenceFault } from './persistence-fault.js'
import type { Database, Transaction } from './transaction.js'

export interface DatabaseOptions {
  readonly url: string
  /** shown by pg_stat_activity as `weir/<name>` */
  readonly name: string
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity class
  readonly entities?: readonly (Function | EntitySchema)[]
  readonly poolSize?: number
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
}

/** Connects at once; rejects with `database-unreachable` when the server does not answer. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: `weir/${options.name}`,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 10_000,
    entities: [...(options.entities ?? [])],
    synchronize: false,
    installExtensions: false,
    logging: false,
    // A broken idle connection is replaced by the pool; the next statement reports what matters.
    poolErrorHandler: () => undefined,
    extra: {
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      lock_timeout: options.lockTimeoutMs ?? 10_000,
      // A process that is stopped in mid-transaction holds up whoever takes its place for so long.
      idle_in_transaction_session_timeout: 20_000,
      keepAlive: true,
    },
  })
  await connect(source, options.name)
  return new TypeOrmDatabase(source)
}

export async function connect(source: DataSource, name: string): Promise<void> {
  try {
    await source.initialize()
  } catch (cause) {
    if (!isTransient(cause)) throw cause
    throw new PersistenceFault({ code: 'database-unreachable', message: `The database of ${name} does not answer.`, cause })
  }
}

class TypeOrmDatabase implements Database {
  readonly #source: DataSource

  constructor(source: DataSource) {
    this.#source = source
  }

  async inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const runner = this.#source.createQueryRunner()
    const tx = new RunnerTransaction(runner)
    try {
      await runner.connect()
      await runner.startTransaction()
      const result = await work(tx)
      tx.end()
      await runner.commitTransaction()
      return result
    } catch (error) {
      tx.end()
      // The first error is the one to report; a failed rollback only says that the connection is gone too.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined)
      throw error
    } finally {
      await runner.release().catch(() => undefined)
    }
  }

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    const runner = this.#source.createQueryRunner()
    try {
      return await rows<Row>(runner, { sql, parameters })
    } finally {
      await runner.release().catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    if (this.#source.isInitialized) await this.#source.destroy()
  }
}

class RunnerTransaction implements Transaction {
  readonly #runner: QueryRunner
  #over = false

  constructor(runner: QueryRunner) {
    this.#runner = runner
  }

  get manager() {
    this.#mustRun()
    return this.#runner.manager
  }

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    this.#mustRun()
    return await rows<Row>(this.#runner, { sql, parameters })
  }

  end(): void {
    this.#over = true
  }

  #mustRun(): void {
    if (this.#over) throw new PersistenceFault({ code: 'transaction-over', message: 'The transaction was used after its end.' })
  }
}

/** What is used of the driver's own connection. */
interface Connection {
  query(statement: { readonly name?: string; readonly text: string; readonly values: unknown[] }): Promise<{ readonly rows: unknown[] }>
}

/**
 * Beside TypeORM's `query`, which knows no named statements: the server parses and plans each text once per connection
 * instead of every time, which for short statements is most of their cost.
 */
async function rows<Row>(
  runner: QueryRunner,
  { sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] | undefined },
): Promise<Row[]> {
  const connection = (await runner.connect()) as Connection
  const statement = parameters === undefined ? undefined : statementOf(sql)
  if (statement === undefined) return (await connection.query({ text: sql, values: [...(parameters ?? [])] })).rows as Row[]
  const { name, arrays } = statement
  const values = (parameters ?? []).map((value, index) => (Array.isArray(value) ? (arrays.get(index)?.(value) ?? value) : value))
  return (await connection.query({ name, text: sql, values })).rows as Row[]
}

interface Statement {
  readonly name: string
  readonly arrays: ReadonlyMap<number, ArrayEncoder>
}

const statements = new Map<string, Statement>()
/** Texts are constants of the program; should one be built from values, the server must not keep them all. */
const MOST_STATEMENTS = 1_000

function statementOf(sql: string): Statement | undefined {
  const known = statements.get(sql)
  if (known !== undefined || statements.size >= MOST_STATEMENTS) return known
  const statement = { name: `weir_${statements.size}`, arrays: arrayEncoders(sql) }
  statements.set(sql, statement)
  return statement
}
