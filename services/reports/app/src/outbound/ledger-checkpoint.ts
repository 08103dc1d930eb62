import { createHash, createPublicKey, verify } from 'node:crypto'
import { Fault } from '@weir/kernel'
import { openNote, parseCheckpoint, parseVerifierKey, type Crypto } from '@weir/ledger-verifier'
import type { LogHead } from '../use-cases/release-report.js'

export class CheckpointFault extends Fault<'checkpoint-refused'> {}

const TIMEOUT_MS = 3_000
const prefix = Buffer.from('302a300506032b6570032100', 'hex')
const crypto: Crypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verifyEd25519: (key, message, signature) =>
    verify(null, message, createPublicKey({ key: Buffer.concat([prefix, key]), format: 'der', type: 'spki' }), signature),
}

interface Ledger {
  /** no trailing slash */
  readonly url: string
  readonly token: string
  readonly vkey: string
}

/** How far the log is, asked of the ledger itself; undefined: it does not answer. Throws on a word that its key did not sign. */
export async function ledgerHead({ url, token, vkey }: Ledger): Promise<LogHead | undefined> {
  let response: Response
  let note: string
  try {
    const headers = { authorization: `Bearer ${token}` }
    response = await fetch(`${url}/ledger/checkpoint`, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
    note = await response.text()
  } catch {
    return undefined
  }
  if (response.status === 404 && note.includes('"not-in-the-log"')) return { size: 0, checkpoint: '' }
  if (!response.ok) return undefined
  return { size: sizeOf(note, vkey), checkpoint: note }
}

function sizeOf(note: string, vkey: string): number {
  const key = parseVerifierKey(vkey, crypto.sha256)
  const opened = key.ok ? openNote(note, { keys: [key.value], crypto }) : key
  const checkpoint = opened.ok ? parseCheckpoint(opened.value.text) : opened
  if (!checkpoint.ok) throw new CheckpointFault({ code: 'checkpoint-refused', message: `the ledger's checkpoint: ${checkpoint.refusal}` })
  if (checkpoint.value.origin !== vkey.split('+')[0])
    throw new CheckpointFault({ code: 'checkpoint-refused', message: `the ledger's checkpoint is of ${checkpoint.value.origin}` })
  return checkpoint.value.size
}
