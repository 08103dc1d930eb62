import { readFileSync } from 'node:fs'
import type { PackageFiles } from '@weir/reports-core'

const documents = new URL('../../documents/', import.meta.url)

/** What every package carries beside its decisions; read anew for each, so that a missing verifier shows at once. */
export const packageDocuments = (verifierFile: string): PackageFiles =>
  new Map([
    ['READING-GUIDE.md', readFileSync(new URL('reading-guide.md', documents))],
    ['VERIFY.md', readFileSync(new URL('verify.md', documents))],
    ['verify.mjs', readFileSync(verifierFile)],
  ])
