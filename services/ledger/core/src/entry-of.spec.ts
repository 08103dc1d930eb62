import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { EntryFault, entryOf, identityOf, MAX_ENTRY_BYTES, type Recordable } from './index.js'

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
const t = 1_764_000_000_000
const requestId = '5f0c2c1e-8f0a-4e5d-9a41-0d3c7a4b6e02'
const decision = (sections: Extract<Recordable, { kind: 'decision' }>['sections']): Recordable => ({
  kind: 'decision',
  requestId,
  revision: 1,
  sections,
})
const base64url = (bytes: Buffer | Uint8Array): string => Buffer.from(bytes).toString('base64url')

describe('a decision', () => {
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA'

  it('is committed to section by section, as SD-JWT digests a disclosure, and none of it is written', () => {
    const disclosure = base64url(Buffer.from(`["${salt}","who",{"name":"Müller"}]`, 'utf8'))
    const digest = base64url(sha256(Buffer.from(disclosure, 'ascii')))

    const entry = entryOf(decision({ who: { salt, value: { name: 'Müller' } } }), { t, sha256 })

    expect(entry).toBe(`{"request":"${requestId}","revision":1,"sections":{"who":"${digest}"},"t":${t},"type":"decision","v":1}`)
  })

  it('yields the same bytes from the same facts, in whatever order they stand', () => {
    const value = fc.jsonValue().filter((json) => !/\p{Surrogate}/u.test(JSON.stringify(json)))
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value), (facts) => {
        const sections = Object.entries(facts).map(([name, fact]) => [name, { salt, value: fact }] as const)
        const entry = entryOf(decision(Object.fromEntries(sections)), { t, sha256 })
        const again = entryOf(decision(JSON.parse(JSON.stringify(Object.fromEntries(sections.toReversed())))), { t, sha256 })
        expect(again).toBe(entry)
      }),
    )
  })

  it('yields other bytes when one fact, its name, its salt, the revision or the time differs', () => {
    const entries = [
      entryOf(decision({ who: { salt, value: 1 } }), { t, sha256 }),
      entryOf(decision({ who: { salt, value: 2 } }), { t, sha256 }),
      entryOf(decision({ what: { salt, value: 1 } }), { t, sha256 }),
      entryOf(decision({ who: { salt: 'BAAAAAAAAAAAAAAAAAAAAA', value: 1 } }), { t, sha256 }),
      entryOf({ ...decision({ who: { salt, value: 1 } }), revision: 2 } as Recordable, { t, sha256 }),
      entryOf(decision({ who: { salt, value: 1 } }), { t: t + 1, sha256 }),
    ]

    expect(new Set(entries).size).toBe(entries.length)
  })

  it('yields the same bytes where the digest of a disclosure is made in one step', () => {
    const disclosureDigest = (text: string): string =>
      createHash('sha256').update(Buffer.from(text).toString('base64url')).digest('base64url')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const one = decision({ who: { salt, value: { name } }, what: { salt, value: [name] } })
        expect(entryOf(one, { t, sha256, disclosureDigest })).toBe(entryOf(one, { t, sha256 }))
      }),
    )
  })

  it('is refused when its entry would not fit a bundle, and recorded when it just fits', () => {
    const sections = (count: number, last = '') =>
      decision(Object.fromEntries([...Array.from({ length: count }, (_, n) => `s${n}`), last].map((name) => [name, { salt, value: 0 }])))
    const room = MAX_ENTRY_BYTES - entryOf(sections(1000), { t, sha256 }).length

    expect(entryOf(sections(1000, 'x'.repeat(room)), { t, sha256 })).toHaveLength(MAX_ENTRY_BYTES)
    const tooLarge = () => entryOf(sections(1000, 'x'.repeat(room + 1)), { t, sha256 })
    expect(tooLarge).toThrow(EntryFault)
    expect(tooLarge).toThrow(`the entry of decision ${requestId} has 65536 bytes; the log holds 65535 at most`)
  })
})

describe('what else is recorded', () => {
  const event = { kind: 'policy', eventId: '0b6f4c1e-0000-4000-8000-000000000001', subject: 'us-ear', body: { b: 1, a: 2 } } as const

  it('is committed to as a whole, under the id of its event', () => {
    const digest = base64url(sha256(Buffer.from(`{"body":{"a":2,"b":1},"event":"${event.eventId}"}`)))

    expect(entryOf(event, { t, sha256 })).toBe(`{"body":"${digest}","event":"${event.eventId}","t":${t},"type":"policy","v":1}`)
    expect(identityOf(event)).toEqual({ kind: 'policy', subject: event.eventId, revision: 0 })
  })
})
