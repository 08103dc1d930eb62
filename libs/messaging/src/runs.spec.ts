import fc from 'fast-check'
import { runsOf } from './runs.js'

interface Item {
  readonly place: string
  readonly pattern: string
  readonly n: number
}

const by = { placeOf: ({ place }: Item) => place, patternOf: ({ pattern }: Item) => pattern }
const itemsOf = (...words: string[]) => words.map((word, n): Item => ({ place: word[0] ?? '', pattern: word[1] ?? '', n }))
const shown = (items: readonly Item[]) => runsOf(items, by).map((run) => `${run.pattern}:${run.items.map(({ n }) => n).join('')}`)

describe('runsOf', () => {
  it('calls once for a pattern that comes from many places', () => {
    expect(shown(itemsOf('1a', '1a', '2b', '2b', '3a', '4b'))).toEqual(['a:014', 'b:235'])
  })

  it('keeps the order of a place where patterns alternate', () => {
    expect(shown(itemsOf('1a', '1b', '1a', '2a', '2b'))).toEqual(['a:03', 'b:14', 'a:2'])
  })

  it('loses nothing, repeats nothing and reorders no place; a run is of one pattern', () => {
    const word = fc.tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom('a', 'b', 'c')).map(([place, pattern]) => place + pattern)
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const items = itemsOf(...words)
        const runs = runsOf(items, by)
        const called = runs.flatMap((run) => run.items)
        expect(called.map(({ n }) => n).sort((a, b) => a - b)).toEqual(items.map(({ n }) => n))
        for (const place of ['1', '2', '3'])
          expect(called.filter((item) => item.place === place)).toEqual(items.filter((item) => item.place === place))
        for (const { pattern, items: taken } of runs) expect(new Set(taken.map((item) => item.pattern))).toEqual(new Set([pattern]))
      }),
    )
  })
})
