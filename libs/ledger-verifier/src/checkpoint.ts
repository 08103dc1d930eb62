import { fromBase64, toBase64 } from './bytes.js'
import { HASH_BYTES } from './merkle.js'
import { ok, refused, type Result } from './result.js'

/** C2SP tlog-checkpoint: the text of the signed note. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly extensions: readonly string[]
}

export type CheckpointRefusal = 'malformed-checkpoint' | 'root-length'

/** `anyRoot`: for readers of foreign formats whose root is no SHA-256. */
export function parseCheckpoint(text: string, options: { readonly anyRoot?: boolean } = {}): Result<Checkpoint, CheckpointRefusal> {
  if (!text.endsWith('\n')) return refused('malformed-checkpoint')
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n')
  if (origin === undefined || origin === '' || size === undefined || root === undefined) return refused('malformed-checkpoint')
  // Danger: 007 and 7 would be two texts of one tree.
  if (!/^(0|[1-9]\d*)$/.test(size) || !Number.isSafeInteger(Number(size))) return refused('malformed-checkpoint')
  const hash = fromBase64(root)
  if (hash === undefined || hash.length === 0 || extensions.some((line) => line === '')) return refused('malformed-checkpoint')
  if (hash.length !== HASH_BYTES && options.anyRoot !== true) return refused('root-length')
  return ok({ origin, size: Number(size), root: hash, extensions })
}

export const formatCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('')
