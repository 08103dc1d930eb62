// Every service as a process of its own on Kafka: `npm run start:kafka [-- --fresh --no-demo --port 8080]`.
// WEIR_BROKERS (127.0.0.1:9092), WEIR_HOME (.weir), WEIR_PORT (8080; 0 any free one), WEIR_TOPIC_PREFIX,
// WEIR_KAFKA_ADMIN_FILE (that of `npm run kafka`, where it is this broker's).
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ownEventCommand, runDemo, usesColor, WeirClient } from '@weir/demo'
import {
  openKafkaAccess,
  openLocalDatabase,
  openSecrets,
  openTransportHome,
  readKafkaAdmin,
  removeRunFile,
  runningIn,
  startServiceProcesses,
  writePrivate,
  writeRunFile,
} from '@weir/launch'
import { ensureLedgerKey } from '@weir/ledger'
import { kafkaOptions } from '@weir/service-host'
import { pino } from 'pino'

const say = (line) => void process.stdout.write(`${line}\n`)
/** Stopped in reverse order of start. */
const closing = []

function settings() {
  const { values } = parseArgs({
    options: { fresh: { type: 'boolean', default: false }, 'no-demo': { type: 'boolean', default: false }, port: { type: 'string' } },
  })
  const port = Number(values.port ?? process.env.WEIR_PORT ?? '8080')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`not a port: ${values.port ?? process.env.WEIR_PORT}`)
  const brokers = process.env.WEIR_BROKERS ?? '127.0.0.1:9092'
  return { fresh: values.fresh, demo: !values['no-demo'], port, brokers, dir: process.env.WEIR_HOME ?? '.weir' }
}

async function requireBroker(brokers) {
  const listening = await Promise.all(brokers.split(',').map((broker) => listens(broker.trim())))
  if (listening.some(Boolean)) return
  throw new Error(
    `No Kafka broker listens at ${brokers}. Start one with \`npm run kafka\` in another terminal, or set WEIR_BROKERS=host:port[,host:port].`,
  )
}

function listens(broker) {
  const { hostname, port } = new URL(`kafka://${broker}`)
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 3_000 })
    const settle = (answer) => {
      socket.destroy()
      done(answer)
    }
    socket
      .once('connect', () => settle(true))
      .once('error', () => settle(false))
      .once('timeout', () => settle(false))
  })
}

/** A fresh home must not meet what an earlier one left in the broker, so its topics get a name of their own. */
function topicPrefixOf(home, fresh) {
  if (process.env.WEIR_TOPIC_PREFIX !== undefined) return process.env.WEIR_TOPIC_PREFIX
  const file = join(home.dir, 'topic-prefix')
  if (!existsSync(file)) writePrivate(file, fresh ? `run-${randomBytes(4).toString('hex')}.` : '')
  return readFileSync(file, 'utf8')
}

/** Where `npm run kafka` leaves the login of its administrator. */
const localAdminFile = fileURLToPath(new URL('../infra/kafka/data/default/admin.json', import.meta.url))

function adminOf(brokers) {
  const file = process.env.WEIR_KAFKA_ADMIN_FILE
  if (file !== undefined) return readKafkaAdmin(file)
  const local = existsSync(localAdminFile) ? readKafkaAdmin(localAdminFile) : undefined
  return local?.brokers === brokers ? local : undefined
}

/** A login of its own for each service; undefined where nobody may make one, and the services go in as they are told. */
async function openBroker(home, { brokers, topicPrefix: prefix }) {
  const admin = adminOf(brokers)
  if (admin === undefined) {
    if (process.env.WEIR_KAFKA_USERNAME !== undefined) say(`All services log in to ${brokers} as ${process.env.WEIR_KAFKA_USERNAME}.`)
    else say(`${brokers} is taken to ask for no password (see infra/kafka): whoever reaches it may write every topic.`)
    return undefined
  }
  const { username, password } = admin
  const logger = pino({ level: process.env.WEIR_LOG_LEVEL ?? 'warn', base: { service: 'start' } })
  const env = { ...process.env, WEIR_BROKERS: brokers, WEIR_KAFKA_USERNAME: username, WEIR_KAFKA_PASSWORD: password }
  const options = kafkaOptions({ clientId: 'weir-admin', env, logger })
  const logins = await openKafkaAccess({ ...options, login: { username, password }, prefix, passwordsFile: home.kafkaPasswords })
  say(`Each service has its own login to ${brokers}, and no right but those it needs.`)
  return logins
}

async function start() {
  const { fresh, demo, port, brokers, dir } = settings()
  const running = runningIn({ run: join(dir, 'run.json') })
  if (running !== undefined) throw new Error(`Weir runs in ${dir} already: ${running.url} (process ${running.pid})`)
  await requireBroker(brokers)
  const home = openTransportHome(dir, { fresh, transport: 'kafka' })
  const secrets = openSecrets(home)
  const origin = process.env.WEIR_LEDGER_ORIGIN ?? 'weir.local/ledger'
  const vkey = ensureLedgerKey(home.ledgerKey, origin)
  const topicPrefix = topicPrefixOf(home, fresh)
  const kafkaLogins = await openBroker(home, { brokers, topicPrefix })
  say('Starting PostgreSQL ...')
  const database = await openLocalDatabase(home, (line) => say(`  ${line}`))
  closing.push(() => database.stop())
  say(`Starting six services on ${brokers}${topicPrefix === '' ? '' : `, topics with the prefix ${topicPrefix}`} ...`)
  const host = process.env.WEIR_HOST ?? '127.0.0.1'
  const services = await startServiceProcesses({
    home,
    database,
    vkey,
    internalToken: secrets.internalToken,
    brokers,
    topicPrefix,
    ...(kafkaLogins === undefined ? {} : { kafkaLogins }),
    host,
    port,
    env: { ...process.env, WEIR_LEDGER_ORIGIN: origin },
    log: (line) => say(`  ${line}`),
  })
  closing.push(() => services.stop())
  void services.failed.then((error) => {
    process.stderr.write(`${error.message}\n`)
    end(1)
  })
  const client = new WeirClient({ url: services.url, ...secrets })
  const asTold = demo ? await runDemo({ client, home, vkey, color: usesColor(process.stdout, process.env), say }) : true
  writeRunFile(home, { url: services.url, vkey, secrets })
  closing.push(() => removeRunFile(home))
  say('')
  say(`Weir serves at ${services.url}`)
  say(`  API ${services.url}/openapi.json   events ${services.url}/asyncapi.json   ledger ${services.url}/ledger/checkpoint`)
  say(`  keys ${home.run}   logs ${join(home.dir, 'logs')}`)
  say('Send an event of your own:')
  say(ownEventCommand(client.access))
  if (!asTold) say('Some stories did not come out as told; see above.')
  say('Ctrl-C stops it.')
}

let ending

async function stop() {
  for (const close of closing.reverse()) await close()
}

function end(code) {
  ending ??= stop().then(
    () => process.exit(code),
    (error) => {
      process.stderr.write(`did not stop cleanly: ${error.message}\n`)
      process.exit(1)
    },
  )
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    say('Stopping ...')
    end(0)
  })
}

try {
  await start()
} catch (error) {
  if (ending === undefined) process.stderr.write(`${error.message}\n`)
  end(1)
}
