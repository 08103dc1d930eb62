import fc from 'fast-check'
import { tilesBetween, type TileSpan } from './index.js'

const nameOf = ({ level, index, width }: TileSpan): string => `${level ?? 'entries'}/${index}${width === 0 ? '' : `.p/${width}`}`

/** What tlog-tiles demands at a size, written from the text: per level the full tiles, and the rest as one partial tile. */
function demanded(size: number): string[] {
  const names: string[] = []
  for (const level of [undefined, 0, 1, 2, 3]) {
    const hashes = Math.floor(size / 256 ** (level ?? 0))
    for (let index = 0; index < Math.floor(hashes / 256); index++) names.push(nameOf({ level, index, width: 0 }))
    if (hashes % 256 > 0) names.push(nameOf({ level, index: Math.floor(hashes / 256), width: hashes % 256 }))
  }
  return names
}

function published(sizes: readonly number[]): Set<string> {
  const names = new Set<string>()
  let from = 0
  for (const to of sizes) {
    for (const span of tilesBetween(from, to)) names.add(nameOf(span))
    from = to
  }
  return names
}

const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 300 }), fc.constantFrom(255, 256, 257, 65_280)), {
  minLength: 1,
  maxLength: 10,
})

test('whatever the steps of growth, every size has the tiles that it demands', () => {
  fc.assert(
    fc.property(steps, (growth) => {
      const sizes = growth.map((_, at) => growth.slice(0, at + 1).reduce((sum, step) => sum + step, 0))
      sizes.forEach((size, at) => {
        const held = published(sizes.slice(0, at + 1))
        expect(demanded(size).filter((name) => !held.has(name))).toEqual([])
      })
    }),
  )
})

test('no tile is named that the log does not have', () => {
  fc.assert(
    fc.property(fc.nat(200_000), fc.nat(70_000), (from, step) => {
      const to = from + step
      const all = new Set(demanded(to))
      expect(
        tilesBetween(from, to)
          .map(nameOf)
          .filter((name) => !all.has(name)),
      ).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test.each([
  [0, 0, []],
  [7, 7, []],
  [0, 1, ['0/0.p/1', 'entries/0.p/1']],
  [254, 255, ['0/0.p/255', 'entries/0.p/255']],
  [255, 256, ['0/0', 'entries/0', '1/0.p/1']],
  [256, 257, ['0/1.p/1', 'entries/1.p/1']],
  [255, 257, ['0/0', 'entries/0', '0/1.p/1', 'entries/1.p/1', '1/0.p/1']],
  [65_535, 65_536, ['0/255', 'entries/255', '1/0', '2/0.p/1']],
])('from %i to %i', (from, to, names) => {
  expect(tilesBetween(from, to).map(nameOf)).toEqual(names)
})
