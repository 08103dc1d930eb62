import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import {
  emptyFrontier,
  formatNote,
  formatTlogProof,
  formatVerifierKey,
  parseCheckpoint,
  parseVerifierKey,
  verifyReceipt,
  type Frontier,
} from '@weir/ledger-verifier'
import { appendBatch, type Appended } from './index.js'

const origin = 'weir.test/ledger'
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const vkey = formatVerifierKey(origin, { publicKey: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32), sha256 })
const prefix = Buffer.from('302a300506032b6570032100', 'hex')
const verifyEd25519 = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, message, createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' }), signature)
const crypto = { sha256, verifyEd25519 }

function signed(text: string): string {
  const key = parseVerifierKey(vkey, sha256)
  if (!key.ok) throw new Error(key.refusal)
  return formatNote({ text, signatures: [{ name: origin, keyId: key.value.keyId, signature: sign(null, Buffer.from(text), privateKey) }] })
}

/** Entries in batches of these sizes, one after the other. */
function grow(batches: readonly number[]): { readonly steps: Appended[]; readonly head: Frontier } {
  const steps: Appended[] = []
  let head = emptyFrontier
  for (const count of batches) {
    const entries = Array.from({ length: count }, (_, n) => `entry ${head.size + n}`)
    const step = appendBatch(head, { entries, origin, sha256 })
    steps.push(step)
    head = step.frontier
  }
  return { steps, head }
}

const batches = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })

test('indices are dense, whatever the batches', () => {
  fc.assert(
    fc.property(batches, (sizes) => {
      const { steps, head } = grow(sizes)
      const total = sizes.reduce((sum, size) => sum + size, 0)
      expect(steps.flatMap(({ entries }) => entries.map(({ index }) => index))).toEqual(Array.from({ length: total }, (_, n) => n))
      expect(head.size).toBe(total)
    }),
  )
})

test('every entry of every batch has a receipt that verifies, for it and for no other entry', () => {
  fc.assert(
    fc.property(batches, (sizes) => {
      for (const { entries, checkpointText } of grow(sizes).steps) {
        const checkpoint = signed(checkpointText)
        for (const { index, entry, proof } of entries) {
          const receipt = formatTlogProof({ index, hashes: proof, checkpoint })
          const proven = verifyReceipt({ receipt, entry: Buffer.from(entry), vkey }, crypto)
          expect(proven).toMatchObject({ ok: true, value: { index } })
          expect(verifyReceipt({ receipt, entry: Buffer.from(`${entry}!`), vkey }, crypto)).toEqual({ ok: false, refusal: 'root-differs' })
        }
      }
    }),
    { numRuns: 25 },
  )
})

test('the tree does not depend on the batches', () => {
  fc.assert(
    fc.property(batches, (sizes) => {
      const { steps, head } = grow(sizes)
      const whole = grow([head.size])
      expect(steps.at(-1)?.checkpointText).toBe(whole.steps[0]?.checkpointText)
      const byPlace = (step: Appended[]) => step.flatMap(({ nodes }) => nodes.map((node) => `${node.level}/${node.index}`)).sort()
      expect(byPlace(steps)).toEqual(byPlace(whole.steps))
    }),
  )
})

test('nothing appended: the same head', () => {
  const { head } = grow([5])
  const step = appendBatch(head, { entries: [], origin, sha256 })

  expect(step).toMatchObject({ frontier: head, nodes: [], entries: [] })
  expect(parseCheckpoint(step.checkpointText)).toMatchObject({ ok: true, value: { origin, size: 5 } })
})
