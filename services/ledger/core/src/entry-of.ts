import { sectionDigest, utf8, type SectionHashing, toBase64Url } from '@weir/ledger-verifier'
import { canonicalJson, Fault } from '@weir/kernel'

/** What the log records. Everything that could name somebody is committed to by a digest, never written. */
export type Recordable =
  | {
      readonly kind: 'decision'
      readonly requestId: string
      readonly revision: number
      readonly sections: Readonly<Record<string, { readonly salt: string; readonly value: unknown }>>
    }
  | {
      readonly kind: 'policy' | 'case' | 'license' | 'report'
      /** Danger: the leaf states it, so it salts nothing */
      readonly eventId: string
      readonly subject: string
      /** digested whole. Danger: who can guess all of it can confirm it, so one that names somebody carries a random `salt` of its own */
      readonly body: unknown
    }

/** Identifies an entry: the same one is never appended twice. */
export interface EntryIdentity {
  readonly kind: Recordable['kind']
  readonly subject: string
  readonly revision: number
}

export function identityOf(recordable: Recordable): EntryIdentity {
  if (recordable.kind === 'decision') return { kind: recordable.kind, subject: recordable.requestId, revision: recordable.revision }
  return { kind: recordable.kind, subject: recordable.eventId, revision: 0 }
}

/** A bundle gives the length of an entry two bytes. */
export const MAX_ENTRY_BYTES = 65_535

export class EntryFault extends Fault<'entry-too-large'> {}

export interface EntryContext extends Omit<SectionHashing, 'canonicalJson'> {
  readonly t: number
}

/**
 * The leaf: canonical JSON text. `t` is the log's time in milliseconds since 1970, never decreasing along the log.
 * The same recordable at the same time yields the same bytes. Throws where they are more than a bundle can hold.
 */
export function entryOf(recordable: Recordable, context: EntryContext): string {
  const entry = textOf(recordable, context)
  // A UTF-16 code unit takes three bytes at most.
  if (entry.length * 3 <= MAX_ENTRY_BYTES) return entry
  const size = utf8(entry).length
  if (size > MAX_ENTRY_BYTES) {
    const { kind, subject } = identityOf(recordable)
    throw new EntryFault({
      code: 'entry-too-large',
      message: `the entry of ${kind} ${subject} has ${size} bytes; the log holds ${MAX_ENTRY_BYTES} at most`,
    })
  }
  return entry
}

function textOf(recordable: Recordable, { t, sha256, disclosureDigest }: EntryContext): string {
  if (recordable.kind === 'decision') {
    const { requestId, revision, sections } = recordable
    const digests = Object.entries(sections).map(([name, section]): [string, string] => [
      name,
      sectionDigest(name, section, { sha256, canonicalJson, disclosureDigest }),
    ])
    return canonicalJson({ v: 1, type: 'decision', t, request: requestId, revision, sections: Object.fromEntries(digests) })
  }
  const { kind, eventId, body } = recordable
  const digest = toBase64Url(sha256(utf8(canonicalJson({ event: eventId, body }))))
  return canonicalJson({ v: 1, type: kind, t, event: eventId, body: digest })
}
