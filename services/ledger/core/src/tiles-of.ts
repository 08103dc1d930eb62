import { partialWidth, TILE_WIDTH } from '@weir/ledger-verifier'

export interface TileSpan {
  /** undefined: a bundle of entries */
  readonly level: number | undefined
  readonly index: number
  /** 0: full */
  readonly width: number
}

/**
 * The tiles and bundles that a log of `to` has and one of `from` had not: the full ones that were completed, and the
 * partial ones of this very size. A log that grew in several steps has partial tiles of each published size.
 */
export function tilesBetween(from: number, to: number): TileSpan[] {
  const spans: TileSpan[] = []
  for (let level = 0; to >= TILE_WIDTH ** level; level++) {
    const [before, after] = [Math.floor(from / TILE_WIDTH ** level), Math.floor(to / TILE_WIDTH ** level)]
    if (before === after) continue
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index++) {
      const width = partialWidth({ level, index: BigInt(index) }, BigInt(to))
      spans.push({ level, index, width })
      if (level === 0) spans.push({ level: undefined, index, width })
    }
  }
  return spans
}
