import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Client } from 'pg'
import type { MigrationInterface } from 'typeorm'
import { migrate } from './migrate.js'
import { isTransient, PersistenceFault } from './persistence-fault.js'

export interface ProvisionOptions {
  /** login of a superuser, or of a role that may create databases and roles */
  readonly adminUrl: string
  readonly database: string
  readonly services: readonly { readonly name: string; readonly password?: string }[]
  /** JSON, role -> password; read first, written with mode 0600 when a password is new */
  readonly passwordsFile?: string
  /** where passwords follow from something, instead of being random */
  readonly passwordOf?: (role: string) => string
  /** migrations of the PostgreSQL log, run in schema `bus` by its owner */
  readonly bus?: readonly (new () => MigrationInterface)[]
}

export interface SchemaUrls {
  /** DML on the own schema and on `bus` only */
  readonly url: string
  /** for migrations */
  readonly ownerUrl: string
}

export interface ProvisionedDatabase {
  readonly services: Readonly<Record<string, SchemaUrls>>
  readonly bus: SchemaUrls
}

const busReaders = 'weir_bus_user'

/**
 * One database, one schema with two roles per service: `weir_<name>_owner` migrates, `weir_<name>` reads and writes
 * rows. No role sees another service's schema; that wall is what the tests of this package climb at.
 * Idempotent. Passwords: the given one, else that of the file, else a new random one (which replaces the old one).
 */
export async function provisionDatabase(options: ProvisionOptions): Promise<ProvisionedDatabase> {
  const passwords = new Passwords(options)
  for (const service of options.services) if (service.password !== undefined) passwords.set(`weir_${service.name}`, service.password)
  const schemas = [...options.services.map((service) => service.name), 'bus']
  await withClient(options.adminUrl, async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', ['weir-provision'])
    const found = await client.query('select 1 from pg_database where datname = $1', [options.database])
    if (found.rowCount === 0) await client.query(`create database ${quoted(client, options.database)} template template0 encoding 'UTF8'`)
    await ensureRole(client, { role: busReaders })
    for (const schema of schemas) {
      for (const role of [`weir_${schema}`, `weir_${schema}_owner`]) await ensureRole(client, { role, password: passwords.of(role) })
      if (schema !== 'bus') await client.query(`grant ${busReaders} to ${quoted(client, `weir_${schema}`)}`)
    }
  })
  passwords.save()
  const url = (role: string) => withDatabase(options.adminUrl, { database: options.database, role, password: passwords.of(role) })
  await withClient(withDatabase(options.adminUrl, { database: options.database }), async (client) => {
    await client.query('select pg_advisory_lock(hashtext($1))', ['weir-provision'])
    await lockDown(client, options.database)
    for (const schema of schemas) await ensureSchema(client, { schema, database: options.database })
  })
  const urls = (schema: string): SchemaUrls => ({ url: url(`weir_${schema}`), ownerUrl: url(`weir_${schema}_owner`) })
  if (options.bus !== undefined) await migrate({ ownerUrl: urls('bus').ownerUrl, schema: 'bus', migrations: options.bus })
  return { services: Object.fromEntries(options.services.map(({ name }) => [name, urls(name)])), bus: urls('bus') }
}

async function lockDown(client: Client, database: string): Promise<void> {
  await client.query(`revoke all on database ${quoted(client, database)} from public`)
  await client.query('revoke all on schema public from public')
}

async function ensureRole(client: Client, wanted: { readonly role: string; readonly password?: string }): Promise<void> {
  const role = quoted(client, wanted.role)
  const found = await client.query('select 1 from pg_roles where rolname = $1', [wanted.role])
  if (found.rowCount === 0) await client.query(`create role ${role}`)
  const login = wanted.password === undefined ? 'nologin' : `login password ${client.escapeLiteral(wanted.password)}`
  await client.query(`alter role ${role} ${login} nosuperuser nocreatedb nocreaterole`)
}

async function ensureSchema(client: Client, target: { readonly schema: string; readonly database: string }): Promise<void> {
  const schema = quoted(client, target.schema)
  const database = quoted(client, target.database)
  const [user, owner] = [quoted(client, `weir_${target.schema}`), quoted(client, `weir_${target.schema}_owner`)]
  await client.query(`grant connect on database ${database} to ${user}, ${owner}`)
  await client.query(`create schema if not exists ${schema} authorization ${owner}`)
  await client.query(`alter role ${user} in database ${database} set search_path = ${schema}`)
  await client.query(`alter role ${owner} in database ${database} set search_path = ${schema}`)
  // A statement is planned once per connection. In the first minute of a database that is while its tables are empty, where
  // reading a whole table looks cheap, and the plan would stay as the table grows. No statement of a service wants that.
  await client.query(`alter role ${user} in database ${database} set enable_seqscan = off`)
  await client.query(`grant usage on schema ${schema} to ${user}`)
  await client.query(
    `alter default privileges for role ${owner} in schema ${schema} grant select, insert, update, delete on tables to ${user}`,
  )
  await client.query(`alter default privileges for role ${owner} in schema ${schema} grant usage, select on sequences to ${user}`)
  if (target.schema === 'bus') await openBus(client, { schema, owner })
}

/** Every service appends to and reads the log; only the log's own role may delete from it (retention). */
async function openBus(client: Client, bus: { readonly schema: string; readonly owner: string }): Promise<void> {
  const privileges = `alter default privileges for role ${bus.owner} in schema ${bus.schema} grant`
  await client.query(`grant usage on schema ${bus.schema} to ${busReaders}`)
  await client.query(`${privileges} select, insert, update on tables to ${busReaders}`)
  await client.query(`${privileges} usage, select on sequences to ${busReaders}`)
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'weir/provision', connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } catch (cause) {
    if (!isTransient(cause)) throw cause
    throw new PersistenceFault({ code: 'database-unreachable', message: 'The database server does not answer.', cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The same server with another database and, if given, another login. */
export function withDatabase(
  url: string,
  change: { readonly database: string; readonly role?: string; readonly password?: string },
): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(change.database)}`
  if (change.role !== undefined) changed.username = encodeURIComponent(change.role)
  if (change.password !== undefined) changed.password = encodeURIComponent(change.password)
  return changed.href
}

const quoted = (client: Client, name: string): string => client.escapeIdentifier(name)

class Passwords {
  readonly #file: string | undefined
  readonly #known: Map<string, string>
  #changed = false

  readonly #fresh: (role: string) => string

  constructor(options: Pick<ProvisionOptions, 'passwordsFile' | 'passwordOf'>) {
    this.#file = options.passwordsFile
    this.#known = new Map(Object.entries(this.#file === undefined ? {} : readPasswords(this.#file)))
    this.#fresh = options.passwordOf ?? (() => randomBytes(24).toString('base64url'))
  }

  set(role: string, password: string): void {
    if (this.#known.get(role) === password) return
    this.#known.set(role, password)
    this.#changed = true
  }

  of(role: string): string {
    const known = this.#known.get(role)
    if (known !== undefined) return known
    const fresh = this.#fresh(role)
    this.set(role, fresh)
    return fresh
  }

  save(): void {
    if (this.#file === undefined || !this.#changed) return
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(Object.fromEntries(this.#known), undefined, 2)}\n`, { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

function readPasswords(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
