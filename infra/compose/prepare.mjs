/**
 * Before the services run: database roles and schemas, migrations, topics, and for every service a settings file with
 * its own login, the internal token and, where it checks receipts, the ledger's key. Only this step holds the logins
 * that may change a schema. It may run at every start; a new image's migrations run here.
 */
import { readFileSync } from 'node:fs'
import { adjudicationService } from '@weir/adjudication'
import { classificationService } from '@weir/classification'
import { catalog } from '@weir/contracts'
import { gatewayService } from '@weir/gateway'
import { identityService } from '@weir/identity'
import { writePrivate } from '@weir/launch'
import { ledgerService } from '@weir/ledger'
import { messagingMigrations } from '@weir/messaging'
import { migrate, provisionDatabase } from '@weir/persistence'
import { reportsService } from '@weir/reports'
import { openKafkaTransport } from '@weir/service-host'
import { pino } from 'pino'
import { places } from './places.mjs'
import { settingsOf } from './settings.mjs'

const services = [gatewayService, identityService, classificationService, adjudicationService, ledgerService, reportsService]
const say = (line) => void process.stdout.write(`${line}\n`)

function adminUrl() {
  const url = new URL(process.env.WEIR_POSTGRES_URL ?? 'postgres://postgres@postgres:5432/postgres')
  url.password = encodeURIComponent(readFileSync(places.postgresPassword, 'utf8'))
  return url.href
}

async function prepareDatabase() {
  const provisioned = await provisionDatabase({
    adminUrl: adminUrl(),
    database: 'weir',
    services: services.map(({ name }) => ({ name })),
    passwordsFile: places.databasePasswords,
  })
  for (const { name, migrations } of services) {
    const { ownerUrl } = provisioned.services[name]
    await migrate({ ownerUrl, schema: name, migrations: [...messagingMigrations, ...migrations] })
    say(`${name}: role, schema and migrations are in place.`)
  }
  return provisioned.services
}

/** The public topic in, every event's topic, and where each sets aside what it cannot read. */
async function prepareTopics() {
  const topics = [...new Set(['weir.intake', ...Object.values(catalog).map(({ topic }) => topic)])]
  const logger = pino({ level: process.env.WEIR_LOG_LEVEL ?? 'warn', base: { service: 'prepare' } })
  const transport = openKafkaTransport({ clientId: 'prepare', env: process.env, logger })
  try {
    await transport.ensureTopics(topics.flatMap((topic) => [topic, `${topic}.parked`]))
  } finally {
    await transport.close()
  }
  say(`${topics.length} topics are in place.`)
}

function writeSettings(databases) {
  const { internalToken } = JSON.parse(readFileSync(places.secrets, 'utf8'))
  const vkey = readFileSync(places.vkey, 'utf8')
  for (const { name } of services) {
    const settings = settingsOf(name, { url: databases[name].url, internalToken, vkey })
    writePrivate(places.settings(name), `${JSON.stringify(settings, null, 2)}\n`)
  }
}

const databases = await prepareDatabase()
await prepareTopics()
writeSettings(databases)
