/** Seeds the demo world, tells the ten stories through the gateway, makes a report of them and verifies it. */
import { ownEventCommand, runDemo, usesColor, WeirClient } from '@weir/demo'
import { readAccess } from './access.mjs'
import { places } from './places.mjs'

const say = (line) => void process.stdout.write(`${line}\n`)

const access = readAccess()
const { page, reports } = places
const color = usesColor(process.stdout, process.env)
const asTold = await runDemo({ client: new WeirClient(access), home: { page, reports }, vkey: access.ledger.vkey, color, say })
say('')
say(`Weir serves at ${access.url}`)
say('Send an event of your own:')
say(ownEventCommand(access))
if (!asTold) say('Some stories did not come out as told; see above.')
process.exitCode = asTold ? 0 : 1
