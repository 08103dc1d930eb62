import { readFile } from 'node:fs/promises'
import { Fault } from '@weir/kernel'
import type { ServiceDeps } from '@weir/service-host'
import type { IdentityConfig } from '../config.js'
import type { Stores } from '../use-cases/ports.js'
import { putListIntoForce } from './put-list-into-force.js'
import { readScreeningList } from './read-screening-list.js'

export class ListFileFault extends Fault<'list-file-refused'> {}

/** Puts the configured file into force where no list ever was; what officers put into force later stays. */
export async function loadConfiguredList(stores: Stores, deps: ServiceDeps<IdentityConfig>): Promise<void> {
  const file = deps.config.WEIR_IDENTITY_LIST_FILE
  if (file === undefined) return
  if ((await deps.database.inTransaction((tx) => stores.lists.active(tx))) !== undefined) return
  const read = await readScreeningList(await readFile(file, 'utf8'))
  if (!read.ok) {
    const problems = read.refusal.map(({ line, column, detail }) => `line ${line}, column ${column}: ${detail}`)
    throw new ListFileFault({ code: 'list-file-refused', message: `${file} is not a screening list.\n${problems.join('\n')}` })
  }
  const list = { title: `Screening list of ${file.split('/').at(-1)}`.slice(0, 300), entries: read.value, by: 'configuration' }
  const { entries, digest } = await putListIntoForce(stores, deps.unitOfWork, { list, cause: { id: `configured-list ${file}` } })
  deps.logger.info({ entries, digest }, 'the configured screening list is in force')
}
