import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { StoredMessage } from './transport.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** PostgreSQL text cannot hold NUL, so a text with one counts as unreadable too. */
function textOf(bytes: Buffer | string): string | undefined {
  try {
    const text = typeof bytes === 'string' ? bytes : utf8.decode(bytes)
    return text.includes('\u0000') ? undefined : text
  } catch {
    return undefined
  }
}

/** A message as kafkajs hands it over, as text where it is text. */
export function storedMessage(message: KafkaMessage, at: { readonly topic: string; readonly partition: number }): StoredMessage {
  const base = { ...at, offset: BigInt(message.offset) }
  const key = message.key === null ? undefined : textOf(message.key)
  const value = message.value === null ? undefined : textOf(message.value)
  const headers = headersOf(message.headers ?? {})
  const isReadable = (key !== undefined || message.key === null) && (value !== undefined || message.value === null) && headers !== undefined
  if (isReadable) return { ...base, key, headers, value }
  // Base64 keeps the bytes for whoever mends the sender.
  const bytes = message.value?.toString('base64')
  return {
    ...base,
    key,
    headers: headers ?? {},
    value: bytes,
    unreadable: 'key, value or headers are not text; the value is kept as base64',
  }
}

function headersOf(headers: IHeaders): Record<string, string> | undefined {
  const texts: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first === undefined) continue
    const text = textOf(first)
    if (text === undefined || name.includes('\u0000')) return undefined
    texts.push([name.toLowerCase(), text])
  }
  return Object.fromEntries(texts)
}
