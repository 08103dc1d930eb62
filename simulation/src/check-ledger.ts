import { hash } from 'node:crypto'
import { canonicalJson } from '@weir/kernel'
import { parseCheckpoint, parseNote, toHex } from '@weir/ledger-verifier'
import { eventsOf, type Findings, type Made } from './checker.js'
import type { World } from './world.js'

const I3 = 'I3 every decision is recorded exactly once, with the same bytes'
const I4 = 'I4 the log is dense and consistent'

/** Looks at the log as an auditor would: its leaves and checkpoints, with hashing of its own. */
export function checkLedger(world: World, findings: Findings): void {
  const { ledger, adjudication } = world.services
  const entries = [...ledger.tables.entries.committed.values()].sort((a, b) => a.index - b.index)
  findings.expect(
    entries.every(({ index }, n) => index === n),
    I4,
    () => 'the indices have gaps',
  )
  checkCheckpoints(world, { findings, leaves: entries.map(({ leaf }) => leaf) })
  const made = new Map<string, Made>()
  for (const { data } of eventsOf(world, 'weir.decision.made.v1')) {
    const name = `${data.requestId}/${data.revision}`
    const before = made.get(name)
    findings.expect(
      before === undefined || before.sections.outcome.salt === data.sections.outcome.salt,
      I3,
      () => `two decisions claim to be ${name}`,
    )
    if (before === undefined) made.set(name, data)
  }
  const recorded = new Map<string, number>()
  for (const { kind, subject, revision, leaf } of entries) {
    if (kind !== 'decision') continue
    const name = `${subject}/${revision}`
    recorded.set(name, (recorded.get(name) ?? 0) + 1)
    const of = made.get(name)
    findings.expect(of !== undefined && leafOf(of, leaf) === leaf, I3, () => `the entry of ${name} is not that decision`)
  }
  for (const [id, rows] of adjudication.tables.decisions.committed) {
    for (const { decision } of rows) {
      const times = recorded.get(`${id}/${decision.revision}`) ?? 0
      findings.expect(times === 1, I3, () => `${id}/${decision.revision} is recorded ${times} times`)
      recorded.delete(`${id}/${decision.revision}`)
    }
  }
  for (const name of recorded.keys()) findings.expect(false, I3, () => `${name} is recorded and was never decided`)
}

function leafOf({ requestId, revision, sections }: Made, leaf: string): string {
  const t = Number(/"t":(\d+)/.exec(leaf)?.[1] ?? -1)
  const digests = Object.entries(sections).map(([name, { salt, value }]) => {
    const disclosure = Buffer.from(canonicalJson([salt, name, value])).toString('base64url')
    return [name, hash('sha256', disclosure, 'base64url')] as const
  })
  return canonicalJson({ v: 1, type: 'decision', t, request: requestId, revision, sections: Object.fromEntries(digests) })
}

/** Every checkpoint that was ever signed is the root of the leaves up to its size. */
function checkCheckpoints(world: World, of: { readonly findings: Findings; readonly leaves: readonly string[] }): void {
  let size = 0
  const peaks: { readonly height: number; readonly hash: Buffer }[] = []
  for (const { size: next, checkpoint } of world.history.checkpoints) {
    of.findings.expect(next > size, I4, () => `a checkpoint of ${next} entries after one of ${size}`)
    for (; size < next; size++) grow(peaks, of.leaves[size] ?? '')
    const note = parseNote(checkpoint)
    const parsed = note.ok ? parseCheckpoint(note.value.text) : undefined
    const root = parsed?.ok === true ? toHex(parsed.value.root) : ''
    of.findings.expect(root === rootOf(peaks).toString('hex'), I4, () => `the checkpoint of ${next} entries has another root`)
  }
  of.findings.expect(size === of.leaves.length, I4, () => `${of.leaves.length} entries, the last checkpoint has ${size}`)
}

function grow(peaks: { readonly height: number; readonly hash: Buffer }[], leaf: string): void {
  let top = { height: 0, hash: hashOf(Buffer.from([0]), Buffer.from(leaf)) }
  for (let last = peaks.at(-1); last !== undefined && last.height === top.height; last = peaks.at(-1)) {
    peaks.pop()
    top = { height: top.height + 1, hash: hashOf(Buffer.from([1]), last.hash, top.hash) }
  }
  peaks.push(top)
}

const rootOf = (peaks: readonly { readonly hash: Buffer }[]): Buffer =>
  peaks.reduceRight<Buffer | undefined>(
    (right, { hash: left }) => (right === undefined ? left : hashOf(Buffer.from([1]), left, right)),
    undefined,
  ) ?? hashOf()

const hashOf = (...parts: readonly Buffer[]): Buffer => Buffer.from(hash('sha256', Buffer.concat(parts), 'binary'), 'binary')
