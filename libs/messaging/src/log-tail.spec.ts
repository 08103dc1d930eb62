import { LogTail } from './log-tail.js'

const message = (offset: bigint, partition = 0) => ({
  topic: 'weir.decisions',
  partition,
  offset,
  key: 'k',
  headers: {},
  value: String(offset),
})
const at = (next: bigint, partition = 0) => ({ topic: 'weir.decisions', partition, next })
const offsets = (tail: LogTail, next: bigint, limit = 10) => tail.from(at(next), limit).map(({ offset }) => offset)

describe('log tail', () => {
  it('gives what follows without a gap, in the order of offsets, whatever order it came in', () => {
    const tail = new LogTail()
    for (const offset of [2n, 1n, 3n, 5n]) tail.add(message(offset))

    expect(offsets(tail, 1n)).toEqual([1n, 2n, 3n])
    expect(offsets(tail, 4n)).toEqual([])
    expect(offsets(tail, 0n)).toEqual([])
    expect(offsets(tail, 1n, 2)).toEqual([1n, 2n])
  })

  it('keeps partitions apart', () => {
    const tail = new LogTail()
    tail.add(message(0n, 1))

    expect(tail.from(at(0n, 0), 10)).toEqual([])
    expect(tail.from(at(0n, 1), 10)).toHaveLength(1)
  })

  it('forgets the oldest, so that memory is bounded', () => {
    const tail = new LogTail()
    for (let offset = 0n; offset < 600n; offset += 1n) tail.add(message(offset))

    expect(offsets(tail, 0n)).toEqual([])
    expect(tail.from(at(599n - 511n), 1000)).toHaveLength(512)
  })
})
