/** Prints the address and the keys of this installation as JSON, and nothing else. */
import { readAccess } from './access.mjs'

process.stdout.write(`${JSON.stringify(readAccess(), null, 2)}\n`)
