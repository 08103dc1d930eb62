import { busMigrations } from '@weir/messaging'
import { provisionDatabase, startEmbeddedPostgres, type ProvisionedDatabase } from '@weir/persistence'
import type { Home } from './home.js'

export const serviceNames = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports'] as const

export interface LocalDatabase extends ProvisionedDatabase {
  stop(): Promise<void>
}

/** The PostgreSQL of a home, with a schema and a role for every service. `log`: one line per thing that takes time. */
export async function openLocalDatabase(home: Home, log: (line: string) => void): Promise<LocalDatabase> {
  const server = await startEmbeddedPostgres({ dataDir: home.postgres, durable: true, logger: { info: log } })
  try {
    const provisioned = await provisionDatabase({
      adminUrl: server.adminUrl,
      database: 'weir',
      services: serviceNames.map((name) => ({ name })),
      passwordsFile: home.databasePasswords,
      bus: busMigrations,
    })
    return { ...provisioned, stop: () => server.stop() }
  } catch (error) {
    await server.stop()
    throw error
  }
}
