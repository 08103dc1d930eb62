import { murmur2, partitionOf } from './murmur2.js'

describe('partitioner', () => {
  /** From the tests of Kafka's Java client. */
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('clears the sign bit before it takes the rest', () => {
    expect(partitionOf('foobar', 4)).toBe((-790332482 & 0x7fffffff) % 4)
  })
})
