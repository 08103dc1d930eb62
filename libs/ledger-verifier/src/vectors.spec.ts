import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  entriesPathOf,
  fromBase64,
  fromHex,
  leafHash,
  openNote,
  parseCheckpoint,
  parseTileIndex,
  parseTileLevel,
  parseTlogProof,
  parseVerifierKey,
  partialWidth,
  rootOf,
  appendLeaves,
  emptyFrontier,
  tilePath,
  toHex,
  verifyConsistency,
  verifyInclusion,
} from './index.js'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const prefix = Buffer.from('302a300506032b6570032100', 'hex')
const verifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, message, createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' }), signature)

const shared = resolve(process.env['WEIR_SHARED'] ?? join(process.cwd(), '../shared'), 'data/ledger')
const present = existsSync(shared)
const suite = present ? describe : describe.skip
if (!present) console.log('skipped: ../shared/data not present')

const json = <T>(file: string): T => JSON.parse(readFileSync(join(shared, file), 'utf8')) as T
const bytes = (text: string | undefined): Uint8Array => Buffer.from(text ?? '', 'base64')
const filesBelow = (folder: string): string[] =>
  readdirSync(join(shared, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => join(folder, file))

interface InclusionProbe {
  leafIdx: number
  treeSize: number
  root: string
  leafHash: string
  proof: string[] | null
  desc: string
  wantErr: boolean
}
interface ConsistencyProbe {
  size1: number
  size2: number
  root1: string
  root2: string
  proof: string[] | null
  desc: string
  wantErr: boolean
}

suite('published vectors', () => {
  test('98 inclusion probes', () => {
    const probes = filesBelow('merkle-probes/inclusion').map((file) => json<InclusionProbe>(file))
    expect(probes).toHaveLength(98)
    for (const probe of probes) {
      const claim = {
        index: probe.leafIdx,
        size: probe.treeSize,
        leafHash: bytes(probe.leafHash),
        proof: (probe.proof ?? []).map(bytes),
        root: bytes(probe.root),
      }
      expect({ desc: probe.desc, refused: !verifyInclusion(claim, sha256).ok }).toEqual({ desc: probe.desc, refused: probe.wantErr })
    }
  })

  test('98 consistency probes', () => {
    const probes = filesBelow('merkle-probes/consistency').map((file) => json<ConsistencyProbe>(file))
    expect(probes).toHaveLength(98)
    for (const probe of probes) {
      const claim = {
        oldSize: probe.size1,
        newSize: probe.size2,
        oldRoot: bytes(probe.root1),
        newRoot: bytes(probe.root2),
        proof: (probe.proof ?? []).map(bytes),
      }
      expect({ desc: probe.desc, refused: !verifyConsistency(claim, sha256).ok }).toEqual({ desc: probe.desc, refused: probe.wantErr })
    }
  })

  test('RFC 6962 reference tree', () => {
    const tree = json<{ leaf_inputs_hex: string[]; leaf_hashes_hex: string[]; roots_by_size_hex: string[] }>(
      'transcribed/rfc6962-tree.json',
    )
    const leaves = tree.leaf_inputs_hex.map((hex) => leafHash(fromHex(hex) ?? new Uint8Array(0), sha256))
    expect(leaves.map(toHex)).toEqual(tree.leaf_hashes_hex)
    const roots = tree.roots_by_size_hex.map((_, size) =>
      toHex(rootOf(appendLeaves(emptyFrontier, { leaves: leaves.slice(0, size), sha256 }).frontier, sha256)),
    )
    expect(roots).toEqual(tree.roots_by_size_hex)
    expect(roots).toHaveLength(9)
  })
})

interface AcceptedNote {
  name: string
  vkeys: string[]
  note: string
  verified: number
  unverified?: number
}
interface RejectedNote {
  name: string
  vkeys?: string[]
  note?: string
  note_hex?: string
}

const keysOf = (vkeys: readonly string[]) =>
  vkeys.flatMap((vkey) => {
    const key = parseVerifierKey(vkey, sha256)
    return key.ok ? [key.value] : []
  })

suite('published note vectors', () => {
  const notes = () => json<{ accept: AcceptedNote[]; reject: RejectedNote[]; bad_vkeys: string[] }>('transcribed/notes.json')

  test('accepts what the reference accepts', () => {
    const { accept } = notes()
    expect(accept).toHaveLength(7)
    for (const { name, vkeys, note, verified, unverified } of accept) {
      const opened = openNote(note, { keys: keysOf(vkeys), crypto: { sha256, verifyEd25519 } })
      expect({ name, verified: opened.ok && opened.value.verified.length }).toEqual({ name, verified })
      if (unverified !== undefined) expect(opened.ok && opened.value.unverified.length).toBe(unverified)
    }
  })

  test('rejects what the reference rejects', () => {
    const { accept, reject } = notes()
    expect(reject).toHaveLength(10)
    const all = accept.flatMap(({ vkeys }) => vkeys)
    for (const { name, vkeys, note, note_hex: hex } of reject) {
      const opened = openNote(note ?? Buffer.from(hex ?? '', 'hex').toString('utf8'), {
        keys: keysOf(vkeys ?? all),
        crypto: { sha256, verifyEd25519 },
      })
      expect({ name, ok: opened.ok }).toEqual({ name, ok: false })
    }
  })

  test('rejects broken keys', () => {
    const { bad_vkeys: bad } = notes()
    expect(bad.length).toBeGreaterThan(0)
    expect(bad.filter((vkey) => parseVerifierKey(vkey, sha256).ok)).toEqual([])
  })

  test('every proper substring and every one-character change of a good key is rejected', () => {
    const vkey = notes().accept[1]?.vkeys[0] ?? ''
    const starts = [...vkey].map((_, at) => at)
    const substrings = starts.flatMap((from) => starts.map((_, n) => vkey.slice(from, from + n + 1))).filter((text) => text !== vkey)
    const changed = starts.map((at) => vkey.slice(0, at) + String.fromCharCode(vkey.charCodeAt(at) + 1) + vkey.slice(at + 1))
    expect(substrings.length + changed.length).toBeGreaterThan(2_900)
    expect([...substrings, ...changed].filter((text) => parseVerifierKey(text, sha256).ok)).toEqual([])
  })

  test('checkpoints', () => {
    const { accept, reject } = json<{ accept: { body: string; origin: string; size: number }[]; reject: string[] }>(
      'transcribed/checkpoints.json',
    )
    expect([accept.length, reject.length]).toEqual([2, 9])
    for (const { body, origin, size } of accept) {
      const parsed = parseCheckpoint(body, { anyRoot: true })
      expect(parsed.ok && { origin: parsed.value.origin, size: parsed.value.size }).toEqual({ origin, size })
    }
    expect(reject.filter((body) => parseCheckpoint(body, { anyRoot: true }).ok)).toEqual([])
    expect(parseCheckpoint(accept[0]?.body ?? '')).toEqual({ ok: false, refusal: 'root-length' })
  })

  test('tlog-proof containers', () => {
    const { accept, reject } = json<{ accept: string[]; reject: [string, string][] }>('transcribed/tlog-proof.json')
    expect([accept.length, reject.length]).toEqual([3, 8])
    expect(accept.filter((text) => !parseTlogProof(text).ok)).toEqual([])
    expect(reject.filter(([, text]) => parseTlogProof(text).ok).map(([name]) => name)).toEqual([])
  })
})

interface TilePaths {
  entries_path_for_index: [number, number, string][]
  tile_path_level_index_width: [number, number, number, string][]
  parse_accept: [string, string, string, string, number][]
  parse_reject: [string, string][]
  spec_example_size_70000: Record<string, number | string>
}

suite('published tile paths', () => {
  const paths = () => json<TilePaths>('transcribed/tile-paths.json')

  test('are built', () => {
    const { entries_path_for_index: entries, tile_path_level_index_width: tiles } = paths()
    expect([entries.length, tiles.length]).toEqual([7, 5])
    expect(entries.map(([entry, size]) => entriesPathOf(BigInt(entry), BigInt(size)))).toEqual(entries.map(([, , path]) => path))
    expect(tiles.map(([level, index, width]) => tilePath({ level, index: BigInt(index), width }))).toEqual(
      tiles.map(([, , , path]) => path),
    )
  })

  test('are parsed', () => {
    const { parse_accept: accept, parse_reject: reject } = paths()
    expect([accept.length, reject.length]).toEqual([4, 15])
    for (const [level, path, wantLevel, index, width] of accept) {
      expect(parseTileLevel(level)).toBe(Number(wantLevel))
      expect(parseTileIndex(path)).toEqual({ index: BigInt(index), width })
    }
    expect(reject.filter(([level, path]) => parseTileLevel(level) !== undefined && parseTileIndex(path) !== undefined)).toEqual([])
  })

  test('a log of 70,000 has the tiles of the specification', () => {
    const example = paths().spec_example_size_70000
    const width = (level: number, index: bigint) => partialWidth({ level, index }, 70_000n)
    expect([width(0, 272n), width(0, 273n), width(1, 0n), width(1, 1n), width(2, 0n)]).toEqual([
      0,
      example['level0_partial_width'],
      0,
      example['level1_partial_width'],
      example['level2_partial_width'],
    ])
  })
})

test('base64 has one spelling per value', () => {
  expect(fromBase64('QQ==')).toEqual(Uint8Array.of(65))
  expect([fromBase64('QR=='), fromBase64('QQ='), fromBase64('Q Q='), fromBase64('QQ==\n')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
