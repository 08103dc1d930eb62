import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openHome, type Home } from './home.js'

export type TransportKind = 'postgres-log' | 'kafka'

/**
 * The home of an installation on one transport. Positions in one transport mean nothing in the other, so a home that the
 * other one uses keeps a second installation in a folder of its own; `run.json` stays where others look for it.
 */
export function openTransportHome(dir: string, options: { readonly fresh: boolean; readonly transport: TransportKind }): Home {
  const root = openHome(dir, { fresh: options.fresh })
  const mark = join(root.dir, 'transport')
  if (!existsSync(mark)) writeFileSync(mark, `${options.transport}\n`, { mode: 0o600 })
  const used = readFileSync(mark, 'utf8').trim()
  if (used === options.transport) return root
  return { ...openHome(resolve(root.dir, options.transport), { fresh: false }), run: root.run }
}
