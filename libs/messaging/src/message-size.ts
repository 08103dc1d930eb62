import { MessagingFault } from './messaging-fault.js'
import type { OutgoingMessage } from './transport.js'

/** Brokers take 1 MiB by default, a batch's own bytes included; the same limit holds on both logs. */
export const MAX_MESSAGE_BYTES = 1_000_000

/** Bytes of key, headers and value, with what Kafka writes around them at most. */
export function sizeOf({ key, headers, value }: Pick<OutgoingMessage, 'key' | 'headers' | 'value'>): number {
  let size = 64 + Buffer.byteLength(key) + Buffer.byteLength(value)
  for (const [name, text] of Object.entries(headers)) size += 10 + Buffer.byteLength(name) + Buffer.byteLength(text)
  return size
}

/** Refuses here, with a clear error, what the broker would refuse with a number. */
export function refuseOversized(messages: readonly OutgoingMessage[]): void {
  for (const message of messages) {
    const size = sizeOf(message)
    if (size <= MAX_MESSAGE_BYTES) continue
    const what = message.headers['ce_type'] ?? 'a message'
    throw new MessagingFault({
      code: 'message-too-large',
      message:
        `${what} for ${message.topic} has ${size} bytes; a message may have ${MAX_MESSAGE_BYTES}. ` +
        'Send it in several, or keep the content elsewhere and send its digest.',
    })
  }
}
