import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PackageFiles } from '../src/index.js'
import { samplePackage } from './sample-log.js'

export const root = fileURLToPath(new URL('../../../../', import.meta.url))
/** of the specs of one file; `dropFolder` in afterAll */
export const folder = mkdtempSync(join(tmpdir(), 'weir-verify-'))
export const dropFolder = (): void => rmSync(folder, { recursive: true, force: true })

/** The program as it is now, built as packages get it. */
export const verifier = join(folder, 'verify.mjs')
execFileSync(process.execPath, [join(root, 'tools/build-verifier.mjs'), verifier], { env: { ...process.env, NODE_OPTIONS: '' } })

/** What real packages carry. */
export const documents: PackageFiles = new Map([
  ['READING-GUIDE.md', readFileSync(join(root, 'services/reports/app/documents/reading-guide.md'))],
  ['VERIFY.md', readFileSync(join(root, 'services/reports/app/documents/verify.md'))],
  ['verify.mjs', readFileSync(verifier)],
])
export const { files, log, decisions } = samplePackage(26, { documents })
export const textOf = (path: string): string => Buffer.from(files.get(path) ?? new Uint8Array(0)).toString('utf8')

let made = 0
export const unused = (name: string): string => join(folder, `${made++}-${name}`)

/** A folder with these files. */
export function unpack(given: PackageFiles): string {
  const to = unused('unpacked')
  for (const [path, content] of given) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    writeFileSync(join(to, path), content)
  }
  return to
}
