import { fromBase64, toBase64 } from './bytes.js'
import { HASH_BYTES } from './merkle.js'
import { ok, refused, type Result } from './result.js'

/** c2sp.org/tlog-proof@v1: an inclusion proof and the checkpoint it leads to, in one text. */
export interface TlogProof {
  /** not authenticated by anything */
  readonly extra?: Uint8Array
  readonly index: number
  readonly hashes: readonly Uint8Array[]
  /** signed note */
  readonly checkpoint: string
}

const HEADER = 'c2sp.org/tlog-proof@v1'
/** A path through a tree of 2^63 leaves. */
const MAX_HASHES = 63
const MAX_LINE = 65_536

export type TlogProofRefusal = 'malformed-proof'

export function parseTlogProof(text: string): Result<TlogProof, TlogProofRefusal> {
  const split = text.indexOf('\n\n')
  const checkpoint = text.slice(split + 2)
  const [header, ...lines] = text.slice(0, split).split('\n')
  if (split < 0 || header !== HEADER || checkpoint === '' || lines.some((line) => line.length >= MAX_LINE))
    return refused('malformed-proof')
  const stated = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice(6) : undefined
  const extra = stated === undefined ? undefined : fromBase64(stated)
  const index = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1]
  const hashes = lines.map((line) => fromBase64(line))
  const whole = hashes.flatMap((hash) => (hash?.length === HASH_BYTES ? [hash] : []))
  const malformed = (stated !== undefined && extra === undefined) || index === undefined || !Number.isSafeInteger(Number(index))
  if (malformed || whole.length !== hashes.length || whole.length > MAX_HASHES) return refused('malformed-proof')
  return ok({ ...(extra === undefined ? {} : { extra }), index: Number(index), hashes: whole, checkpoint })
}

export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [HEADER, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`, ...hashes.map(toBase64)]
  return `${lines.join('\n')}\n\n${checkpoint}`
}
