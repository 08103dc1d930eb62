import { renameSync, writeFileSync } from 'node:fs'

/** Written whole or not at all, readable by the owner only. */
export function writePrivate(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}
