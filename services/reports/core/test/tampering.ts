import { utf8 } from '@weir/ledger-verifier'
import { MANIFEST, type PackageFiles } from '../src/index.js'
import { manifestOf } from '../src/build-package.js'
import { decode, sha256 } from './sample-log.js'

/** The files with some changed; undefined takes one away. What is new comes before the manifest. */
export function changed(files: PackageFiles, changes: Readonly<Record<string, Uint8Array | string | undefined>>): PackageFiles {
  const entries = [...files].filter(([path]) => path !== MANIFEST && !(path in changes && changes[path] === undefined))
  const result = new Map(entries)
  for (const [path, content] of Object.entries(changes))
    if (content !== undefined && path !== MANIFEST) result.set(path, typeof content === 'string' ? utf8(content) : content)
  const manifest = files.get(MANIFEST)
  if (manifest !== undefined) result.set(MANIFEST, manifest)
  return result
}

/** As a liar does who knows the format: the manifest fits the files again. */
export function fitted(files: PackageFiles): PackageFiles {
  const rest = new Map([...files].filter(([path]) => path !== MANIFEST))
  return rest.set(MANIFEST, utf8(manifestOf(rest, sha256)))
}

export function flipped(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << bit)
  return copy
}

/** Every replacement has to change something: a test that edits nothing proves nothing. */
export function edited(files: PackageFiles, path: string, edit: (text: string) => string): PackageFiles {
  const before = decode(files.get(path) ?? utf8(''))
  const after = edit(before)
  if (after === before) throw new Error(`${path} was not changed`)
  return changed(files, { [path]: after })
}

/** The same numbers in every run. */
export function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export interface Part {
  readonly path: string
  /** of the content, in the ZIP */
  readonly from: number
  readonly to: number
}

/** Where each file's content lies in the ZIP that `writeZip` makes. */
export function partsOf(files: PackageFiles): Part[] {
  let at = 0
  return [...files].map(([path, content]) => {
    const from = at + 30 + utf8(path).length
    at = from + content.length
    return { path, from, to: at }
  })
}
