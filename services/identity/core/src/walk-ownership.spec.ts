import fc from 'fast-check'
import { graphOf, structured, type Structure } from '../test/declarations.js'
import { listedOwnershipPercent } from './listed-ownership.js'
import { buildOwnershipGraph, type CustomerDeclaration, type DeclaredParty } from './ownership-graph.js'
import { walkOwnership } from './walk-ownership.js'

const walk = (structure: Structure) => walkOwnership(graphOf(structured(structure)))
const walkDeclared = (declaration: Omit<CustomerDeclaration, 'customerId' | 'name'>) =>
  walkOwnership(graphOf({ customerId: 'C', name: 'C', ...declaration }))
const parentOf = (walked: ReturnType<typeof walk>) => walked.ultimateParent?.partyId

describe('walkOwnership', () => {
  it('does not know the parent of a customer that declares nothing', () => {
    expect(walkDeclared({})).toMatchObject({ owners: [], ultimateParent: undefined, ownershipComplete: false })
    expect(walkDeclared({ owners: [] })).toMatchObject({ ultimateParent: undefined, ownershipComplete: false })
  })

  it('takes the customer for its own parent when natural persons hold the majority', () => {
    const walked = walk({ customer: 'C', holdings: { C: { P: 60 } }, persons: ['P'] })
    expect(walked.ownershipComplete).toBe(true)
    expect(parentOf(walked)).toBe('C')
  })

  it('takes the customer for its own parent when it declares that nobody is above it', () => {
    expect(parentOf(walkDeclared({ noneAbove: true }))).toBe('C')
  })

  it('climbs the majority chain, multiplies along ways and sums over them', () => {
    const holdings = { C: { A: 60, B: 40 }, A: { T: 80 }, B: { T: 50 }, T: { P: 100 } }
    const walked = walk({ customer: 'C', holdings, persons: ['P'], fill: true })
    expect(parentOf(walked)).toBe('T')
    expect(walked.ownershipComplete).toBe(true)
    expect(walked.owners.find((owner) => owner.partyId === 'T')).toMatchObject({ sharePercent: 68, path: ['A', 'T'] })
  })

  it('finds a parent that holds its majority through several companies', () => {
    const walked = walk({
      customer: 'C',
      holdings: { C: { A: 40, B: 40 }, A: { T: 100 }, B: { T: 100 }, T: { P: 100 } },
      persons: ['P'],
      fill: true,
    })
    expect(parentOf(walked)).toBe('T')
  })

  it('leaves the parent open while somebody hidden may hold the majority through several companies', () => {
    const walked = walk({ customer: 'C', holdings: { C: { A: 40, B: 40 } }, fill: true })
    expect(walked).toMatchObject({ ultimateParent: undefined, ownershipComplete: false })
  })

  it('leaves the parent open while a known minority owner may hold the rest', () => {
    const walked = walk({ customer: 'C', holdings: { C: { A: 30, B: 30 }, A: { P: 100 } }, persons: ['P'], fill: true })
    expect(walked.ownershipComplete).toBe(false)
  })

  it('leaves the parent open above a majority owner that declares nothing', () => {
    expect(walk({ customer: 'C', holdings: { C: { A: 100 } } })).toMatchObject({ ultimateParent: undefined, ownershipComplete: false })
  })

  it('has no share where one is not declared', () => {
    const walked = walkDeclared({ owners: [{ partyId: 'A', name: 'A', owners: [{ partyId: 'B', name: 'B', sharePercent: 100 }] }] })
    expect(walked.owners.map(({ partyId, sharePercent }) => [partyId, sharePercent])).toEqual([
      ['A', undefined],
      ['B', undefined],
    ])
  })

  it('ends in a circle and names no parent', () => {
    const owners: DeclaredParty[] = [{ partyId: 'A', name: 'A', sharePercent: 60, owners: [{ partyId: 'C', name: 'C', sharePercent: 60 }] }]
    expect(walkDeclared({ owners })).toMatchObject({ ultimateParent: undefined, ownershipComplete: false, circular: true })
  })

  it('believes the shares when they contradict a declaration that nobody is above', () => {
    const owners: DeclaredParty[] = [{ partyId: 'A', name: 'A', sharePercent: 60, noneAbove: true }]
    expect(walkDeclared({ noneAbove: true, owners })).toMatchObject({ ownershipComplete: false, contradictory: true })
  })

  it('gives up the shares of a web that is too dense', () => {
    const layer = (depth: number): DeclaredParty[] =>
      ['a', 'b', 'c'].map((name) => ({
        partyId: `${name}${depth}`,
        name: `${name}${depth}`,
        sharePercent: 30,
        owners: depth === 0 ? undefined : layer(depth - 1),
      }))
    expect(walkDeclared({ owners: layer(8) }).owners[0]?.sharePercent).toBeUndefined()
  })
})

describe('buildOwnershipGraph', () => {
  const refusal = (owners: DeclaredParty[]) => {
    const graph = buildOwnershipGraph({ customerId: 'C', name: 'C', owners })
    return graph.ok ? [] : graph.refusal.map((problem) => problem.pointer)
  }

  it.each<[string, DeclaredParty[], string]>([
    [
      'a share sum above 100 %',
      [
        { partyId: 'A', name: 'A', sharePercent: 60 },
        { partyId: 'B', name: 'B', sharePercent: 60 },
      ],
      '/owners',
    ],
    [
      'one owner twice',
      [
        { partyId: 'A', name: 'A' },
        { partyId: 'A', name: 'A' },
      ],
      '/owners',
    ],
    [
      'one id for two names',
      [
        { partyId: 'A', name: 'A', owners: [{ partyId: 'B', name: 'B' }] },
        { partyId: 'B', name: 'X' },
      ],
      '/owners/1/name',
    ],
    ['owners of a person', [{ partyId: 'A', name: 'A', kind: 'person', owners: [{ partyId: 'B', name: 'B' }] }], '/owners/0/owners'],
    ['a party that owns itself', [{ partyId: 'C', name: 'C' }], '/owners/0/partyId'],
    ['a name that cannot be screened', [{ partyId: 'A', name: '???' }], '/owners/0/name'],
  ])('refuses %s', (_, owners, pointer) => {
    expect(refusal(owners)).toContain(pointer)
  })
})

/** Trees in which some shares, owners and statements are missing. */
const party: fc.Memo<DeclaredParty> = fc.memo((depth) =>
  fc
    .record(
      {
        partyId: fc.constantFrom('A', 'B', 'D', 'E', 'X'),
        kind: fc.constantFrom('company' as const, 'person' as const),
        sharePercent: fc.constantFrom(undefined, 10, 25, 30, 40, 50, 60),
        noneAbove: fc.boolean(),
        owners: depth <= 1 ? fc.constant(undefined) : fc.array(party(depth - 1), { maxLength: 3 }),
      },
      { requiredKeys: ['partyId'] },
    )
    .map((one) => ({ ...one, name: one.partyId, ...(one.kind === 'person' ? { owners: undefined } : {}) })),
)
const declaration = fc
  .record({ noneAbove: fc.boolean(), owners: fc.array(party(3), { maxLength: 3 }) })
  .map((one): CustomerDeclaration => ({ customerId: 'C', name: 'C', ...one }))

function withoutOwner(declared: CustomerDeclaration, path: readonly number[]): CustomerDeclaration {
  const [index = 0, ...rest] = path
  const owners = declared.owners ?? []
  const at = owners.length === 0 ? -1 : index % owners.length
  const climb = (owner: DeclaredParty): DeclaredParty => {
    const { owners: above } = withoutOwner({ customerId: owner.partyId, name: owner.name, owners: owner.owners }, rest)
    return { ...owner, owners: above }
  }
  const goesOn = rest.length > 0 && (owners[at]?.owners ?? []).length > 0
  return { ...declared, owners: owners.flatMap((owner, i) => (i !== at ? [owner] : goesOn ? [climb(owner)] : [])) }
}

describe('taking an owner away', () => {
  it('never makes known what was unknown', () => {
    let compared = 0
    fc.assert(
      fc.property(declaration, fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }), fc.boolean(), (full, path, listed) => {
        const [before, after] = [buildOwnershipGraph(full), buildOwnershipGraph(withoutOwner(full, path))]
        fc.pre(before.ok && after.ok)
        if (!before.ok || !after.ok) return
        const [richer, poorer] = [walkOwnership(before.value), walkOwnership(after.value)]
        fc.pre(!richer.contradictory)
        compared += 1
        if (!richer.ownershipComplete) expect(poorer.ownershipComplete).toBe(false)
        // Who declares that nobody holds half and names an owner without its share is doubted as long as that owner is named.
        const { stakes, parties } = before.value
        const doubted = [...stakes].some(([id, held]) => parties.get(id)?.noneAbove && held.some((stake) => stake.share === undefined))
        const blocked = new Set(listed && !doubted ? ['X'] : [])
        if (listedOwnershipPercent(before.value, blocked) === undefined) {
          expect(listedOwnershipPercent(after.value, blocked)).toBeUndefined()
        }
      }),
      { numRuns: 5000, maxSkipsPerRun: 1000 },
    )
    expect(compared).toBeGreaterThan(1000)
  })
})
