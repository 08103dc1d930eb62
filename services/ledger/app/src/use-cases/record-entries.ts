import { appendBatch, entryOf, identityOf, type Recordable } from '@weir/ledger-core'
import { formatTlogProof } from '@weir/ledger-verifier'
import { passFailpoint, planted, type UnitOfWork } from '@weir/messaging'
import { disclosureDigest, sha256, type CheckpointSigner } from '../outbound/checkpoint-signer.js'
import { identityKey, type Head, type LogWriter, type RecordedEntry } from './ports.js'

/** One thing to record, and whom to tell. */
export interface RecordCommand {
  readonly recordable: Recordable
  readonly key: string
  readonly cause: { readonly id: string; readonly traceparent?: string | undefined }
}

interface RecordDeps {
  readonly log: LogWriter
  readonly signer: Pick<CheckpointSigner, 'sign'>
  readonly origin: string
}

/**
 * The sequencer: one transaction appends what is new at dense indices, signs one checkpoint over it, and answers each
 * with a receipt. What was recorded before gets the receipt it got then.
 */
export class RecordEntries {
  constructor(private readonly deps: RecordDeps) {}

  async record(unit: UnitOfWork, commands: readonly RecordCommand[]): Promise<void> {
    const head = await this.deps.log.lockHead(unit.tx)
    const identities = commands.map(({ recordable }) => identityOf(recordable))
    const known = new Map(await this.deps.log.already(unit.tx, identities))
    const fresh = new Map<string, Recordable>()
    for (const { recordable } of commands) {
      const key = identityKey(identityOf(recordable))
      // Of two that claim to be the same, the first is what the log holds.
      if (!known.has(key) && !fresh.has(key)) fresh.set(key, recordable)
    }
    if (fresh.size > 0)
      for (const entry of await this.append(unit, { head, fresh: [...fresh.values()] })) known.set(identityKey(entry), entry)
    for (const command of commands) {
      const entry = known.get(identityKey(identityOf(command.recordable)))
      if (entry === undefined) throw new RangeError('what was appended is not what was asked for')
      emitRecorded(unit, { command, entry })
    }
  }

  private async append(
    unit: UnitOfWork,
    { head, fresh }: { readonly head: Head; readonly fresh: readonly Recordable[] },
  ): Promise<RecordedEntry[]> {
    // The database's clock may step back; the log's time never does.
    const t = Math.max(unit.now.getTime(), head.lastT)
    const leaves = fresh.map((recordable) => entryOf(recordable, { t, sha256, disclosureDigest }))
    const appended = appendBatch(head.frontier, { entries: leaves, origin: this.deps.origin, sha256 })
    const checkpoint = this.deps.signer.sign(appended.checkpointText)
    passFailpoint('after-sign')
    const recordedAt = new Date(t).toISOString()
    const entries = fresh.map((recordable, at): RecordedEntry => {
      const proven = appended.entries[at]
      if (proven === undefined) throw new RangeError('an appended entry has no proof')
      const receipt = formatTlogProof({ index: proven.index, hashes: proven.proof, checkpoint })
      const index = planted('index-gap') ? proven.index + Math.floor(proven.index / 40) : proven.index
      return { ...identityOf(recordable), index, leaf: proven.entry, receipt, treeSize: appended.frontier.size, recordedAt }
    })
    await this.deps.log.append(unit.tx, { entries, nodes: appended.nodes, head: { frontier: appended.frontier, lastT: t }, checkpoint })
    return entries
  }
}

function emitRecorded(unit: UnitOfWork, { command, entry }: { readonly command: RecordCommand; readonly entry: RecordedEntry }): void {
  const { recordable, key, cause } = command
  unit.emit<'weir.entry.recorded.v1'>({
    type: 'weir.entry.recorded.v1',
    subject: entry.subject,
    key,
    cause,
    data: {
      kind: entry.kind,
      subjectId: recordable.kind === 'decision' ? entry.subject : recordable.subject,
      ...(recordable.kind === 'decision' ? { revision: recordable.revision } : {}),
      index: entry.index,
      treeSize: entry.treeSize,
      entry: entry.leaf,
      receipt: entry.receipt,
      recordedAt: entry.recordedAt,
    },
  })
}
