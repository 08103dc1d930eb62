import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Everything that one installation keeps on this machine. */
export interface Home {
  readonly dir: string
  readonly postgres: string
  readonly secrets: string
  readonly databasePasswords: string
  readonly kafkaPasswords: string
  readonly apiKeys: string
  readonly ledgerKey: string
  /** tiles and checkpoint as files */
  readonly ledger: string
  readonly page: string
  readonly run: string
  readonly reports: string
}

/** `fresh` wipes it first: database, log, keys. */
export function openHome(dir: string, options: { readonly fresh: boolean }): Home {
  const root = resolve(dir)
  if (options.fresh) rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const home: Home = {
    dir: root,
    postgres: join(root, 'postgres'),
    secrets: join(root, 'secrets.json'),
    databasePasswords: join(root, 'database-passwords.json'),
    kafkaPasswords: join(root, 'kafka-passwords.json'),
    apiKeys: join(root, 'api-keys.json'),
    ledgerKey: join(root, 'ledger-key.pem'),
    ledger: join(root, 'ledger'),
    page: join(root, 'index.html'),
    run: join(root, 'run.json'),
    reports: join(root, 'reports'),
  }
  for (const folder of [home.ledger, home.reports]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return home
}
