import { graphOf } from '../test/declarations.js'
import { assess } from './assess.js'
import type { CustomerDeclaration } from './ownership-graph.js'
import type { IndexedEntry } from './screen.js'

const index = new Map<string, IndexedEntry[]>([['blocked holding', [{ list: 'SDN', entryId: '7', entryName: 'Blocked Holding' }]]])
const ofCustomer = (declaration: Omit<CustomerDeclaration, 'customerId'>, screened = true) => {
  const customer = { customerId: 'c-1', ...declaration }
  return assess({ subject: { customer, graph: graphOf(customer) }, tenantStated: true, index: screened ? index : undefined })
}
const codes = (assessment: ReturnType<typeof assess>) => assessment.redFlags.map((flag) => flag.code)

describe('assess', () => {
  it('has nothing to say of a customer with everything in order', () => {
    const assessment = ofCustomer({ name: 'Plain Demo', registeredIn: 'DE', headquarters: 'DE', noneAbove: true })
    expect(assessment).toMatchObject({ hits: [], listedOwnershipPercent: 0, redFlags: [] })
    expect(assessment.subject).toMatchObject({ ultimateParent: { partyId: 'c-1', headquarters: 'DE' }, ownershipComplete: true })
  })

  it('names the unknown tenant', () => {
    const assessment = assess({ subject: undefined, tenantStated: false, index })
    expect(assessment).toMatchObject({ subject: { state: 'unknown-tenant' }, hits: [] })
    expect(codes(assessment)).toEqual(['tenant-not-stated'])
    expect(assessment).not.toHaveProperty('listedOwnershipPercent')
  })

  it('flags that nobody was screened, and leaves the listed share open', () => {
    const assessment = ofCustomer({ name: 'Plain Demo', headquarters: 'DE', noneAbove: true }, false)
    expect(codes(assessment)).toEqual(['no-screening-list'])
    expect(assessment).not.toHaveProperty('listedOwnershipPercent')
  })

  it('flags what is unknown', () => {
    expect(codes(ofCustomer({ name: 'Plain Demo' }))).toEqual(['headquarters-unknown', 'ownership-incomplete'])
  })

  it('flags a parent elsewhere and a parent nowhere', () => {
    const owner = { partyId: 'p', name: 'Parent', sharePercent: 100, noneAbove: true }
    const customer = { name: 'Plain Demo', registeredIn: 'SG', headquarters: 'SG' }
    expect(codes(ofCustomer({ ...customer, owners: [{ ...owner, headquarters: 'CN' }] }))).toEqual(['registered-away-from-parent'])
    expect(codes(ofCustomer({ ...customer, owners: [owner] }))).toEqual(['parent-headquarters-unknown'])
  })

  it('finds a listed owner by an alias and weighs its share', () => {
    const owners = [
      { partyId: 'p', name: 'Innocent Name', aliases: ['BLOCKED Holding.'], sharePercent: 30, kind: 'person' as const },
      { partyId: 'q', name: 'Founder', sharePercent: 70, kind: 'person' as const },
    ]
    const assessment = ofCustomer({ name: 'Plain Demo', headquarters: 'DE', owners })
    expect(assessment.hits).toEqual([expect.objectContaining({ list: 'SDN', entryId: '7', partyId: 'p', relation: 'owner' })])
    expect(assessment.listedOwnershipPercent).toBe(30)
    expect(codes(assessment)).toEqual(['listed-owner-below-half'])
  })
})
