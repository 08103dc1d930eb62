import { randomBytes } from 'node:crypto'
import { busMigrations, messagingMigrations } from '@weir/messaging'
import {
  migrate,
  openDatabase,
  provisionDatabase,
  withDatabase,
  type Database,
  type DatabaseOptions,
  type SchemaUrls,
} from '@weir/persistence'
import { Client } from 'pg'
import type { MigrationInterface } from 'typeorm'
import { passwordOf, testServer } from './test-server.js'

export interface TestDatabaseOptions {
  /** the schema, and through whose role the specs see it */
  readonly service: string
  readonly migrations: readonly (new () => MigrationInterface)[]
  readonly entities?: DatabaseOptions['entities']
  /** other services whose schema and role the spec needs, without migrations */
  readonly alongside?: readonly string[]
  readonly poolSize?: number
}

export interface TestDatabase {
  readonly database: Database
  /** the service's login */
  readonly url: string
  readonly ownerUrl: string
  /** logins of schema `bus`, whose tables exist */
  readonly busUrl: string
  /** superuser, in this database */
  readonly adminUrl: string
  /** logins by service, those of `alongside` included */
  readonly schemas: Readonly<Record<string, SchemaUrls>>
  drop(): Promise<void>
}

/**
 * A fresh database of its own: as provisioned in production, migrated (the tables of the message runtime included).
 * Call `drop()` in afterAll.
 */
export async function testDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const server = await testServer()
  const name = `weir_test_${randomBytes(6).toString('hex')}`
  const provisioned = await provisionDatabase({
    adminUrl: server,
    database: name,
    services: [options.service, ...(options.alongside ?? [])].map((service) => ({ name: service })),
    passwordOf: (role) => passwordOf(server, role),
    bus: busMigrations,
  })
  const urls = provisioned.services[options.service]
  if (urls === undefined) throw new Error(`${options.service} was not provisioned`)
  await migrate({ ownerUrl: urls.ownerUrl, schema: options.service, migrations: [...messagingMigrations, ...options.migrations] })
  const database = await openDatabase({
    url: urls.url,
    name: options.service,
    entities: options.entities ?? [],
    poolSize: options.poolSize ?? 5,
  })
  const drop = async () => {
    await database.close()
    await dropDatabase(server, name)
  }
  return {
    database,
    url: urls.url,
    ownerUrl: urls.ownerUrl,
    busUrl: provisioned.bus.url,
    adminUrl: withDatabase(server, { database: name }),
    schemas: provisioned.services,
    drop,
  }
}

async function dropDatabase(server: string, name: string): Promise<void> {
  const client = new Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  } finally {
    await client.end()
  }
}
