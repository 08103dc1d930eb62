import { Gatherer } from './gatherer.js'

interface Item {
  readonly name: string
  readonly size?: number
}

const gathererOf = (together: (names: readonly string[]) => Promise<void>) => {
  const run = async (items: readonly Item[]) => {
    await together(items.map(({ name }) => name))
    return items.map(({ name }) => `${name} is done`)
  }
  return new Gatherer<Item, string>({
    together: run,
    alone: async (item) => (await run([item]))[0] ?? '',
    most: 512,
    sizeOf: ({ size }) => size ?? 1,
    nameOf: ({ name }) => name,
  })
}

describe('gatherer', () => {
  it('puts what comes together into one transaction, and answers each', async () => {
    const calls: (readonly string[])[] = []
    const gatherer = gathererOf(async (names) => void calls.push(names))

    expect(await Promise.all(['a', 'b', 'c'].map((name) => gatherer.add({ name })))).toEqual(['a is done', 'b is done', 'c is done'])
    expect(calls).toEqual([['a', 'b', 'c']])
  })

  it('runs one transaction at a time, and gathers meanwhile', async () => {
    const calls: (readonly string[])[] = []
    let release: () => void = () => undefined
    let running = 0
    const gatherer = gathererOf(async (names) => {
      running += 1
      expect(running).toBe(1)
      calls.push(names)
      if (calls.length === 1) await new Promise<void>((done) => (release = done))
      running -= 1
    })
    const first = gatherer.add({ name: 'a' })
    await new Promise((done) => setImmediate(done))
    const others = ['b', 'c'].map((name) => gatherer.add({ name }))
    release()
    await Promise.all([first, ...others])

    expect(calls).toEqual([['a'], ['b', 'c']])
  })

  it('keeps to the most that fits, and lets one that is larger go by itself', async () => {
    const calls: (readonly string[])[] = []
    const gatherer = gathererOf(async (names) => void calls.push(names))
    const sizes = { a: 300, b: 300, c: 600, d: 212, e: 300 }
    await Promise.all(Object.entries(sizes).map(([name, size]) => gatherer.add({ name, size })))

    expect(calls).toEqual([['a'], ['b'], ['c'], ['d', 'e']])
  })

  it('keeps two of one name apart, in their order', async () => {
    const calls: (readonly string[])[] = []
    const gatherer = gathererOf(async (names) => void calls.push(names))
    await Promise.all(['a', 'b', 'a', 'c'].map((name) => gatherer.add({ name })))

    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'c'],
    ])
  })

  it('lets one that fails by itself fail alone', async () => {
    const gatherer = gathererOf(async (names) => {
      if (names.includes('b')) throw new RangeError('out of order')
    })
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => gatherer.add({ name })))

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('tries nothing twice when the database is away', async () => {
    let calls = 0
    const gatherer = gathererOf(async () => {
      calls += 1
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    })
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => gatherer.add({ name })))

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(calls).toBe(1)
  })
})
