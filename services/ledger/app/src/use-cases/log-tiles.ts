import { edgeSpans, entriesPath, partialWidth, rootOf, TILE_WIDTH, tilePath, type Sha256 } from '@weir/ledger-verifier'
import type { TileSpan } from '@weir/ledger-core'
import type { LogReading } from './ports.js'

/** Tiles and bundles as tlog-tiles has them; they have the same paths as files and over HTTP. */
export class LogTiles {
  constructor(private readonly log: LogReading) {}

  checkpoint(): Promise<{ readonly note: string; readonly size: number }> {
    return this.log.checkpoint()
  }

  /** Root of the tree that the log was at this size. */
  async rootAt(size: number, sha256: Sha256): Promise<Uint8Array> {
    return rootOf({ size, edge: await this.log.nodes(edgeSpans(size)) }, sha256)
  }

  /** undefined: the log has no such tile (yet); a partial tile that was never this wide is none either. */
  async tile(span: TileSpan): Promise<{ readonly path: string; readonly bytes: Buffer } | undefined> {
    const { size } = await this.log.checkpoint()
    const level = span.level ?? 0
    const partial = partialWidth({ level, index: BigInt(span.index) }, BigInt(size))
    const complete = Math.floor(size / TILE_WIDTH ** (level + 1)) > span.index
    const isLast = Math.floor(size / TILE_WIDTH ** (level + 1)) === span.index
    const held = complete ? TILE_WIDTH : isLast ? partial : 0
    const wanted = span.width === 0 ? TILE_WIDTH : span.width
    if (held < wanted) return undefined
    const from = span.index * TILE_WIDTH
    if (span.level === undefined) {
      const entries = await this.log.leaves({ from, count: wanted })
      return {
        path: entriesPath({ index: BigInt(span.index), width: span.width }),
        bytes: Buffer.concat(entries.map(({ leaf }) => bundled(leaf))),
      }
    }
    const hashes = await this.log.hashes({ level, from, count: wanted })
    return { path: tilePath({ level, index: BigInt(span.index), width: span.width }), bytes: Buffer.concat(hashes) }
  }
}

/** Length in two bytes, big-endian, then the entry. */
function bundled(leaf: string): Buffer {
  const bytes = Buffer.from(leaf, 'utf8')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}
