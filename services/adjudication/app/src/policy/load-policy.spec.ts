import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { POLICY_DIR } from '../config.js'
import { loadPolicy } from './load-policy.js'

it('loads the packs that are shipped', () => {
  const policy = loadPolicy(POLICY_DIR)
  expect(policy.packs.map(({ id, mode, legalStatus }) => ({ id, mode, legalStatus }))).toEqual([
    { id: 'announced', mode: 'shadow', legalStatus: 'bill' },
    { id: 'house', mode: 'enforced', legalStatus: 'company-policy' },
    { id: 'in-force', mode: 'enforced', legalStatus: 'in-force' },
  ])
  expect(Object.keys(policy.digests).sort()).toEqual(['announced', 'country-groups', 'house', 'in-force'])
  for (const digest of Object.values(policy.digests)) expect(digest).toMatch(/^[0-9a-f]{64}$/)
})

it('dates the country groups', () => {
  const { groups } = loadPolicy(POLICY_DIR)
  expect(groups.of('CN', '2026-11-22')).toEqual(expect.arrayContaining(['D:1', 'D:5']))
  expect(groups.of('HK', '2026-11-22')).toContain('D:5')
  expect(groups.of('MO', '2026-11-22')).not.toContain('D:5')
  expect(groups.of('AE', '2026-07-09')).toContain('D:4')
  expect(groups.of('AE', '2026-07-10')).not.toContain('D:4')
  expect(groups.of('KH', '2026-02-02')).toContain('D:5')
  expect(groups.of('KH', '2026-02-03')).not.toContain('D:5')
  expect(groups.of('CY', '2026-01-01')).not.toContain('D:5')
  expect(groups.of('US', '2026-01-01')).toContain('A:1')
  expect(groups.of('ZZ', '2026-01-01')).toBeUndefined()
})

describe('a folder of its own', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-'))
    mkdirSync(join(folder, 'packs'))
    put('country-groups.csv', 'iso2,group,effective_from,effective_to\nCN,D:5,,\n')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
  }
  const pack = (id: string, mode: string) => `
id: ${id}
title: A pack of a spec
legalStatus: guidance
mode: ${mode}
knownFrom: 2026-11-22
rules: [{ id: one, layer: L1, citation: none, when: what.controlled, effect: hold, sentence: It speaks. }]
`
  const load = () => loadPolicy(pathToFileURL(`${folder}/`))

  it('takes every pack in it, in the order of their names', () => {
    put('packs/b.yaml', pack('first', 'enforced'))
    put('packs/a.yaml', pack('second', 'shadow'))
    put('packs/notes.txt', 'not a pack')
    expect(load().packs.map(({ id, mode }) => [id, mode])).toEqual([
      ['second', 'shadow'],
      ['first', 'enforced'],
    ])
  })

  it('pins another digest for other country groups', () => {
    put('packs/a.yaml', pack('first', 'enforced'))
    const before = load().digests
    put('country-groups.csv', 'iso2,group,effective_from,effective_to\nCN,D:5,,2026-11-22\n')
    const after = load().digests
    expect(after['first']).toBe(before['first'])
    expect(after['country-groups']).not.toBe(before['country-groups'])
  })

  it('refuses two packs of one id', () => {
    put('packs/a.yaml', pack('first', 'enforced'))
    put('packs/b.yaml', pack('first', 'shadow'))
    expect(load).toThrow('Two packs have the same id.')
  })

  it.each([
    ['none at all', ''],
    ['one in shadow', pack('first', 'shadow')],
  ])('refuses to decide without an enforced pack: %s', (_, text) => {
    if (text !== '') put('packs/a.yaml', text)
    expect(load).toThrow('No pack is enforced.')
  })

  it('refuses a pack whose digest would be pinned in the place of another', () => {
    put('packs/a.yaml', pack('first', 'enforced'))
    put('packs/b.yaml', pack('country-groups', 'enforced'))
    expect(load).toThrow('No pack may be called country-groups.')
  })
})
