/**
 * The partitioner of Kafka's Java client: murmur2 over the key's UTF-8 bytes, seed 0x9747b28c, sign bit cleared. Both
 * transports use it, so a customer has the same partition everywhere, whoever writes.
 */
export const partitionOf = (key: string, partitions: number): number => (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions

const M = 0x5bd1e995

export function murmur2(bytes: Uint8Array): number {
  let hash = 0x9747b28c ^ bytes.length
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) {
    let word = wordAt(bytes, at)
    word = Math.imul(word, M)
    word ^= word >>> 24
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  const rest = bytes.length - whole
  if (rest > 2) hash ^= (bytes[whole + 2] ?? 0) << 16
  if (rest > 1) hash ^= (bytes[whole + 1] ?? 0) << 8
  if (rest > 0) hash = Math.imul(hash ^ (bytes[whole] ?? 0), M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
