import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { adjudicationService } from '@weir/adjudication'
import { classificationService } from '@weir/classification'
import { ownEventCommand, runDemo, usesColor, WeirClient } from '@weir/demo'
import { gatewayService } from '@weir/gateway'
import { identityService } from '@weir/identity'
import {
  openLocalDatabase,
  openSecrets,
  openTransportHome,
  removeRunFile,
  runningIn,
  serviceEnvironment,
  writeRunFile,
  type Home,
} from '@weir/launch'
import { ensureLedgerKey, ledgerService } from '@weir/ledger'
import { openPostgresLog } from '@weir/messaging'
import { reportsService } from '@weir/reports'
import { runTogether } from '@weir/service-host'
import { pino } from 'pino'

const definitions = [identityService, classificationService, adjudicationService, ledgerService, reportsService, gatewayService]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Stopped in reverse order of start. */
const closing: (() => Promise<void> | void)[] = []

function settings() {
  const { values } = parseArgs({
    options: { fresh: { type: 'boolean', default: false }, 'no-demo': { type: 'boolean', default: false }, port: { type: 'string' } },
  })
  const port = Number(values.port ?? process.env['WEIR_PORT'] ?? '8080')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`not a port: ${values.port ?? process.env['WEIR_PORT']}`)
  return { fresh: values.fresh, demo: !values['no-demo'], port, dir: process.env['WEIR_HOME'] ?? '.weir' }
}

async function startServices(home: Home, run: { readonly port: number; readonly vkey: string; readonly internalToken: string }) {
  say('Starting PostgreSQL ...')
  const database = await openLocalDatabase(home, (line) => say(`  ${line}`))
  closing.push(() => database.stop())
  const logger = pino(
    { level: process.env['WEIR_LOG_LEVEL'] ?? 'info' },
    pino.destination({ dest: join(home.dir, 'weir.log'), sync: true }),
  )
  const transport = await openPostgresLog({ url: database.bus.url, logger })
  closing.push(() => transport.close())
  say(`Starting ${definitions.length} services ...`)
  const together = await runTogether({
    definitions,
    transport,
    databaseUrls: database.services,
    env: { ...process.env, ...serviceEnvironment(home, run.vkey), WEIR_LEDGER_ORIGIN: ledgerOrigin },
    internalToken: run.internalToken,
    ports: { gateway: run.port },
    host: process.env['WEIR_HOST'] ?? '127.0.0.1',
    poolSize: 4,
    logger,
  })
  closing.push(() => together.stop())
  const gateway = together.services['gateway']
  if (gateway === undefined) throw new Error('the gateway is not among the services')
  return gateway.url
}

const ledgerOrigin = process.env['WEIR_LEDGER_ORIGIN'] ?? 'weir.local/ledger'

async function start(): Promise<void> {
  const { fresh, demo, port, dir } = settings()
  const running = runningIn({ run: join(dir, 'run.json') })
  if (running !== undefined) throw new Error(`Weir runs in ${dir} already: ${running.url} (process ${running.pid})`)
  const home = openTransportHome(dir, { fresh, transport: 'postgres-log' })
  const secrets = openSecrets(home)
  const vkey = ensureLedgerKey(home.ledgerKey, ledgerOrigin)
  const url = await startServices(home, { port, vkey, internalToken: secrets.internalToken })
  const client = new WeirClient({ url, ...secrets })
  const color = usesColor(process.stdout, process.env)
  const asTold = demo ? await runDemo({ client, home, vkey, color, say }) : true
  writeRunFile(home, { url, vkey, secrets })
  closing.push(() => removeRunFile(home))
  say('')
  say(`Weir serves at ${url}`)
  say(`  API ${url}/openapi.json   events ${url}/asyncapi.json   ledger ${url}/ledger/checkpoint`)
  say(`  keys ${home.run}   log ${join(home.dir, 'weir.log')}`)
  say('Send an event of your own:')
  say(ownEventCommand(client.access))
  if (!asTold) say('Some stories did not come out as told; see above.')
  say('Ctrl-C stops it.')
}

let ending: Promise<void> | undefined

async function stop(): Promise<void> {
  for (const close of closing.reverse()) await close()
}

function end(code: number): void {
  ending ??= stop().then(
    () => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`did not stop cleanly: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    },
  )
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    say('Stopping ...')
    end(0)
  })
}

try {
  await start()
} catch (error) {
  if (ending === undefined) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  end(1)
}
