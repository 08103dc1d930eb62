/** C2SP tlog-tiles: 256 hashes to a tile, 256 entries to a bundle. */
export const TILE_WIDTH = 256

export interface TilePosition {
  readonly level: number
  readonly index: bigint
  /** hashes in a partial tile, 1 to 255; 0 for a full one */
  readonly width: number
}

/** `123456789` is `x123/x456/789`. */
export function formatTileIndex(index: bigint): string {
  const groups: string[] = []
  let rest = index
  do {
    groups.unshift((rest % 1000n).toString().padStart(3, '0'))
    rest /= 1000n
  } while (rest > 0n)
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
}

const suffix = (width: number): string => (width === 0 ? '' : `.p/${width}`)

export const tilePath = ({ level, index, width }: TilePosition): string => `tile/${level}/${formatTileIndex(index)}${suffix(width)}`

export const entriesPath = ({ index, width }: Omit<TilePosition, 'level'>): string =>
  `tile/entries/${formatTileIndex(index)}${suffix(width)}`

/** The bundle that holds an entry, as wide as a log of this size has it. */
export function entriesPathOf(entry: bigint, logSize: bigint): string {
  const index = entry / BigInt(TILE_WIDTH)
  return entriesPath({ index, width: partialWidth({ level: 0, index }, logSize) })
}

/** Width of a tile in a log of this size: 0 when full. */
export function partialWidth(tile: { readonly level: number; readonly index: bigint }, logSize: bigint): number {
  const hashes = logSize >> BigInt(8 * tile.level)
  const full = hashes / BigInt(TILE_WIDTH)
  return tile.index < full ? 0 : Number(hashes % BigInt(TILE_WIDTH))
}

/** Index part of a path, with or without `.p/<width>`; undefined for anything a writer would not write. */
export function parseTileIndex(path: string): { readonly index: bigint; readonly width: number } | undefined {
  const match = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (match?.[1] === undefined) return undefined
  const groups = match[1].split('/')
  const index = BigInt(groups.map((group) => group.replace('x', '')).join(''))
  const width = match[2] === undefined ? 0 : Number(match[2])
  if (groups.length > 6 || width >= TILE_WIDTH || formatTileIndex(index) !== match[1]) return undefined
  return { index, width }
}

export function parseTileLevel(level: string): number | undefined {
  return /^(0|[1-9]\d?)$/.test(level) && Number(level) <= 63 ? Number(level) : undefined
}
