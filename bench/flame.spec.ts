import { boxesOf, hottest, placeOf, treeOf, type Profile } from './flame.mjs'

const frame = (functionName: string, url = '') => ({ functionName, url })
const own = 'file:///here/services/gateway/app/dist/use-cases/decide.js'

/** handle calls decide at two places; decide parses. Samples of one millisecond each, the idle ones beside. */
const profile: Profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 6] },
    { id: 2, callFrame: frame('handle', own), children: [3, 4] },
    { id: 3, callFrame: frame('decide', own) },
    { id: 4, callFrame: frame('decide', own), children: [5] },
    { id: 5, callFrame: frame('parse', 'file:///here/node_modules/zod/v4/core.js') },
    { id: 6, callFrame: frame('(idle)') },
  ],
  samples: [2, 3, 4, 5, 5, 6, 6, 6],
  timeDeltas: [100, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
}
const tree = treeOf(profile, { root: '/here' })

describe('the tree of a profile', () => {
  it('counts a sample until the next one, and nothing while idle', () => {
    expect(tree.total).toBe(5)
  })

  it('joins what one caller called in several places', () => {
    const [handle] = tree.children

    expect(handle).toMatchObject({ name: 'handle', self: 1, total: 5 })
    expect(handle?.children).toMatchObject([{ name: 'decide', self: 2, total: 4, children: [{ name: 'parse', self: 2 }] }])
  })
})

describe('whose code it is', () => {
  it.each([
    [own, { owner: 'weir/gateway', file: 'use-cases/decide.js' }],
    ['file:///here/libs/messaging/dist/outbox.js', { owner: 'weir/messaging', file: 'outbox.js' }],
    ['file:///here/node_modules/@nestjs/core/router/a.js', { owner: '@nestjs/core', file: 'router/a.js' }],
    ['file:///here/node_modules/a/node_modules/b/index.js', { owner: 'b', file: 'index.js' }],
    ['node:internal/streams/readable', { owner: 'node', file: 'node:internal/streams/readable' }],
    ['', { owner: 'native', file: '' }],
  ])('%s', (url, place) => {
    expect(placeOf(url, '/here')).toEqual(place)
  })

  it('names no folder of the machine', () => {
    expect(JSON.stringify(placeOf('file:///elsewhere/secret/tool.js', '/here'))).not.toContain('secret')
  })
})

describe('the hottest', () => {
  it('ranks functions and owners by their own time', () => {
    const { functions, owners } = hottest(tree)

    expect(functions.map(({ name, ms }) => [name, ms])).toEqual([
      ['decide (weir/gateway: use-cases/decide.js)', 2],
      ['parse (zod: v4/core.js)', 2],
      ['handle (weir/gateway: use-cases/decide.js)', 1],
    ])
    expect(owners.map(({ name, share }) => [name, share])).toEqual([
      ['weir/gateway', 0.6],
      ['zod', 0.4],
    ])
  })
})

describe('boxes', () => {
  it('lie within those of their callers, side by side', () => {
    expect(boxesOf(tree, { least: 0 }).map(({ node, depth, from, share }) => [node.name, depth, from, share])).toEqual([
      ['(root)', 0, 0, 1],
      ['handle', 1, 0, 1],
      ['decide', 2, 0, 0.8],
      ['parse', 3, 0, 0.4],
    ])
  })

  it('leave out what is too narrow to see, with all that it calls', () => {
    expect(boxesOf(tree, { least: 0.5 }).map(({ node }) => node.name)).toEqual(['(root)', 'handle', 'decide'])
  })

  it('are none where nothing ran', () => {
    const idle: Profile = { nodes: [{ id: 1, callFrame: frame('(root)') }], samples: [], timeDeltas: [] }

    expect(boxesOf(treeOf(idle, { root: '/here' }), { least: 0 })).toEqual([])
  })
})
