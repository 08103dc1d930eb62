// The ledger from outside: its entries, every checkpoint that it was seen to serve, and whether all of them are one log.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  appendLeaves,
  emptyFrontier,
  entriesPath,
  leafHash,
  openNote,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  rootOf,
  TILE_WIDTH,
  verifyReceipt,
} from '@weir/ledger-verifier'

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest()
const prefix = Buffer.from('302a300506032b6570032100', 'hex')
const verifyEd25519 = (publicKey, message, signature) =>
  verify(null, message, createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' }), signature)
const crypto = { sha256, verifyEd25519 }

export function openLog({ url, vkey, dir }) {
  const key = parseVerifierKey(vkey, sha256).value
  const notes = new Set()
  const seen = new Map()
  const problems = []
  const roots = new Map()
  const entries = []
  /** By request and revision: where it stands, and what it commits to. */
  const decisions = new Map()
  const [hashes, twice] = [[], []]
  let frontier = emptyFrontier
  let size = 0
  const served = (note) => {
    if (notes.has(note)) return
    notes.add(note)
    const opened = openNote(note, { keys: [key], crypto })
    const checkpoint = opened.ok ? parseCheckpoint(opened.value.text) : opened
    if (!checkpoint.ok) {
      problems.push(`a checkpoint that does not verify: ${checkpoint.refusal}`)
      return
    }
    const root = Buffer.from(checkpoint.value.root).toString('hex')
    const before = seen.get(checkpoint.value.size) ?? root
    if (before !== root) problems.push(`two roots for ${checkpoint.value.size} entries`)
    seen.set(checkpoint.value.size, root)
    size = Math.max(size, checkpoint.value.size)
  }
  const look = async () => {
    try {
      const response = await fetch(`${url}/ledger/checkpoint`, { signal: AbortSignal.timeout(2_000) })
      if (response.ok) served(await response.text())
    } catch {
      // nobody serves one now
    }
    const file = join(dir, 'checkpoint')
    if (existsSync(file)) served(readFileSync(file, 'utf8'))
  }
  const learn = (leaf, index) => {
    const { request, revision, sections } = JSON.parse(leaf.toString('utf8'))
    hashes.push(createHash('sha256').update(leaf).digest('hex'))
    if (request === undefined) return
    const name = `${request}/${revision}`
    const first = decisions.get(name)
    if (first !== undefined) twice.push(`${name} is in the log twice: ${first.index} and ${index}`)
    else decisions.set(name, { index, sections })
  }
  const read = async () => {
    await look()
    for (const leaf of await entriesBetween(url, { from: entries.length, to: size })) {
      entries.push(leaf)
      learn(leaf, entries.length - 1)
      frontier = appendLeaves(frontier, { leaves: [leafHash(leaf, sha256)], sha256 }).frontier
      roots.set(entries.length, Buffer.from(rootOf(frontier, sha256)).toString('hex'))
    }
  }
  /** The request and revision that a receipt proves; undefined: it proves nothing. */
  const proven = (receipt) => {
    const proof = parseTlogProof(receipt ?? '')
    if (!proof.ok) return undefined
    const leaf = entries[Number(proof.value.index)]
    if (leaf === undefined) return undefined
    served(proof.value.checkpoint)
    if (!verifyReceipt({ receipt, entry: leaf, vkey }, crypto).ok) return undefined
    const { request, revision } = JSON.parse(leaf.toString('utf8'))
    return `${request}/${revision}`
  }
  const forks = () => [
    ...problems,
    ...[...seen]
      .filter(([at, root]) => at > 0 && at <= entries.length && roots.get(at) !== root)
      .map(([at]) => `the checkpoint of ${at} entries is of another log`),
    ...(size > entries.length ? [`the log signed ${size} entries and serves ${entries.length}`] : []),
  ]
  return { look, read, proven, forks, decisions, twice, hashes, checkpoints: () => seen.size }
}

async function entriesBetween(url, { from, to }) {
  const leaves = []
  for (let at = from; at < to;) {
    const tile = Math.floor(at / TILE_WIDTH)
    const width = Math.min(TILE_WIDTH, to - tile * TILE_WIDTH)
    const path = entriesPath({ index: BigInt(tile), width: width === TILE_WIDTH ? 0 : width })
    const response = await fetch(`${url}/ledger/${path}`, { signal: AbortSignal.timeout(10_000) })
    if (!response.ok) break
    const bundle = unpack(Buffer.from(await response.arrayBuffer())).slice(at - tile * TILE_WIDTH)
    if (bundle.length === 0) break
    leaves.push(...bundle)
    at += bundle.length
  }
  return leaves
}

function unpack(bytes) {
  const leaves = []
  for (let at = 0; at + 2 <= bytes.length;) {
    const length = bytes.readUInt16BE(at)
    leaves.push(bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return leaves
}
