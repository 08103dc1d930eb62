import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  appendLeaves,
  consistencyProof,
  edgeSpans,
  emptyFrontier,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './index.js'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const leavesOf = (size: number) => Array.from({ length: size }, (_, n) => leafHash(Buffer.from(`leaf ${n}`), sha256))

function grown(size: number) {
  const { frontier, nodes } = appendLeaves(emptyFrontier, { leaves: leavesOf(size), sha256 })
  const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]))
  const node = (level: number, index: number): Uint8Array => {
    const hash = hashes.get(`${level}/${index}`)
    if (hash === undefined) throw new Error(`no node ${level}/${index}`)
    return hash
  }
  return { frontier, root: rootOf(frontier, sha256), tree: { size, node, sha256 } }
}

const sizes = fc.integer({ min: 1, max: 600 })

test('every leaf of every tree has a proof that leads to the root, and to no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, at) => {
      const { root, tree } = grown(size)
      const index = at % size
      const claim = { index, size, leafHash: leafHash(Buffer.from(`leaf ${index}`), sha256), proof: inclusionProof(index, tree), root }
      expect(verifyInclusion(claim, sha256)).toEqual({ ok: true, value: true })
      expect(verifyInclusion({ ...claim, leafHash: leafHash(Buffer.from('other'), sha256) }, sha256).ok).toBe(false)
      expect(verifyInclusion({ ...claim, proof: [...claim.proof, root] }, sha256)).toEqual({ ok: false, refusal: 'proof-length' })
    }),
  )
})

test('every tree is consistent with every later one, and with no other', () => {
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [oldSize, newSize] = a < b ? [a, b] : [b, a]
      const [older, newer] = [grown(oldSize), grown(newSize)]
      const claim = { oldSize, newSize, oldRoot: older.root, newRoot: newer.root, proof: consistencyProof(oldSize, newer.tree) }
      expect(verifyConsistency(claim, sha256)).toEqual({ ok: true, value: true })
      expect(verifyConsistency({ ...claim, oldRoot: sha256(Buffer.from('other')) }, sha256).ok).toBe(false)
    }),
  )
})

test('it does not matter in how many batches leaves arrive', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }), (batches) => {
      const total = batches.reduce((sum, count) => sum + count, 0)
      const leaves = leavesOf(total)
      let [frontier, at] = [emptyFrontier, 0]
      for (const count of batches) {
        frontier = appendLeaves(frontier, { leaves: leaves.slice(at, at + count), sha256 }).frontier
        at += count
      }
      expect(rootOf(frontier, sha256)).toEqual(grown(total).root)
    }),
  )
})

test('a proof in a tree of more leaves than 32 bits count leads to its root', () => {
  const node = (level: number, index: number): Uint8Array => sha256(Buffer.from(`${level}/${index}`))
  const root = (size: number): Uint8Array => {
    const edge = edgeSpans(size).map(({ level, index }) => node(level, index))
    return rootOf({ size, edge }, sha256)
  }
  const size = 2 ** 52 + 2 ** 40 + 5
  // The highest level of the proof is of subtrees that are made up, as nobody has so many leaves: the last leaf's path meets none of them.
  const proof = inclusionProof(size - 1, { size, node, sha256 })
  const claim = { index: size - 1, size, leafHash: node(0, size - 1), proof, root: root(size) }
  expect(verifyInclusion(claim, sha256)).toEqual({ ok: true, value: true })
  expect(verifyInclusion({ ...claim, index: size - 2 }, sha256).ok).toBe(false)
  expect(verifyInclusion({ ...claim, index: size - 1 - 2 ** 40 }, sha256).ok).toBe(false)
})
