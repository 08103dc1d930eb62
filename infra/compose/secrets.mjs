/**
 * Before anything else runs: every secret of the installation, random, each in the volume of the one who uses it and
 * readable by its user only. What is there already stays, so that this may run at every start.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { openSecrets, writePrivate } from '@weir/launch'
import { ensureLedgerKey } from '@weir/ledger'
import { makeFolders, places } from './places.mjs'

const origin = process.env.WEIR_LEDGER_ORIGIN ?? 'weir.local/ledger'

makeFolders(process.env.WEIR_FILES ?? '/var/lib/weir')
if (!existsSync(places.postgresPassword)) writePrivate(places.postgresPassword, randomBytes(32).toString('base64url'))
openSecrets(places)
writePrivate(places.vkey, ensureLedgerKey(places.ledgerKey, origin))
process.stdout.write('The secrets of this installation are in its volumes.\n')
