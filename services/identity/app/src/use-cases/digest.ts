import { hash } from 'node:crypto'
import { canonicalJson } from '@weir/kernel'

export const sha256 = (text: string): string => hash('sha256', text)

/** SHA-256 of the canonical JSON, hex. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value))

/** What an assessment pins while no list, or an empty one, is in force. */
export const emptyListDigest = sha256('')
