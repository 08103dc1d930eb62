/** Where the containers of an installation find their files: one folder per volume. See the volumes in docker-compose.yml. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export const serviceNames = ['gateway', 'identity', 'classification', 'adjudication', 'ledger', 'reports']

export function placesIn(root) {
  const installation = join(root, 'installation')
  const gateway = join(root, 'gateway')
  return {
    /** keys in plain text and the passwords of all roles: for one-shot containers only */
    installation,
    secrets: join(installation, 'secrets.json'),
    databasePasswords: join(installation, 'database-passwords.json'),
    vkey: join(installation, 'ledger.vkey'),
    postgresPassword: join(root, 'postgres', 'password'),
    settings: (service) => join(root, service, 'settings.json'),
    apiKeys: join(gateway, 'api-keys.json'),
    ledgerKey: join(root, 'ledger', 'ledger-key.pem'),
    page: join(root, 'demo', 'index.html'),
    reports: join(root, 'demo', 'reports'),
  }
}

/** The volumes bring these folders; elsewhere they are made, for this user only. */
export function makeFolders(root) {
  for (const folder of ['installation', 'postgres', ...serviceNames, 'tiles', 'demo', join('demo', 'reports')]) {
    mkdirSync(join(root, folder), { recursive: true, mode: 0o700 })
  }
}

export const places = placesIn(process.env.WEIR_FILES ?? '/var/lib/weir')
