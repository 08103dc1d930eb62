import { Client } from 'pg'
import { DataSource, type MigrationInterface } from 'typeorm'
import { connect } from './database.js'
import { isTransient, PersistenceFault } from './persistence-fault.js'

export interface MigrateOptions {
  /** login of the schema's owner */
  readonly ownerUrl: string
  readonly schema: string
  readonly migrations: readonly (new () => MigrationInterface)[]
}

/**
 * Brings one schema up to date: all that is missing in one transaction, or nothing. Processes that start together wait
 * for each other. A class given twice runs once.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const lock = new Client({ connectionString: options.ownerUrl, application_name: `weir/${options.schema}/migrate` })
  // A connection lost in between frees the lock and fails the migration's own connection too.
  lock.on('error', () => undefined)
  try {
    await lock.connect()
    await lock.query('select pg_advisory_lock(hashtext($1))', [`weir-migrate-${options.schema}`])
    await runMigrations(options)
  } catch (cause) {
    if (cause instanceof PersistenceFault) throw cause
    const code = isTransient(cause) ? 'database-unreachable' : 'migration-failed'
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PersistenceFault({ code, message: `Schema ${options.schema} was not migrated: ${reason}`, cause })
  } finally {
    await lock.end().catch(() => undefined)
  }
}

async function runMigrations(options: MigrateOptions): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: options.ownerUrl,
    schema: options.schema,
    applicationName: `weir/${options.schema}/migrate`,
    poolSize: 2,
    connectTimeoutMS: 10_000,
    migrations: [...new Set(options.migrations)],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'all',
    installExtensions: false,
    logging: false,
    extra: { options: `-c search_path=${options.schema}`, statement_timeout: 600_000, lock_timeout: 30_000 },
  })
  await connect(source, options.schema)
  try {
    await source.runMigrations()
  } finally {
    await source.destroy()
  }
}
