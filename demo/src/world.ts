import type { TenantRef } from '@weir/contracts'

/** A party above a customer, nested upwards, as `POST /v1/customers` takes it. */
export interface OwnerBody {
  readonly partyId: string
  readonly name: string
  readonly kind?: 'company' | 'person'
  readonly headquarters?: string
  readonly sharePercent?: number
  readonly noneAbove?: boolean
  readonly owners?: readonly OwnerBody[]
}

export interface CustomerBody {
  readonly customerId: string
  readonly name: string
  readonly registeredIn?: string
  readonly headquarters?: string
  readonly noneAbove?: boolean
  readonly tenants: readonly TenantRef[]
  readonly owners?: readonly OwnerBody[]
}

export interface LicenseBody {
  readonly licenseId: string
  readonly number: string
  readonly customerId: string
  readonly paragraphs: readonly ('3A090.a' | '3A090.b')[]
  readonly models: readonly string[]
  readonly quantity: number
  readonly validFrom: string
  readonly validTo: string
}

const founders = (id: string, names: readonly [string, string]): readonly OwnerBody[] => [
  { partyId: `${id}-founder-1`, name: names[0], kind: 'person', sharePercent: 60 },
  { partyId: `${id}-founder-2`, name: names[1], kind: 'person', sharePercent: 40 },
]

/** One company that holds everything and has nobody above it. */
export const soleParent = (parent: Pick<OwnerBody, 'partyId' | 'name'> & { readonly headquarters: string }): readonly OwnerBody[] => [
  { ...parent, kind: 'company', sharePercent: 100, noneAbove: true },
]

/** Half of Lighthouse Compute is the listed party's; the stories change that share. */
export const lighthouse = (listedShare: number): CustomerBody => ({
  customerId: 'lighthouse-compute',
  name: 'Lighthouse Compute Demo A.S.',
  registeredIn: 'TR',
  headquarters: 'TR',
  tenants: [{ system: 'azure', id: '00000000-0000-4000-8000-000000000105' }],
  owners: [
    { partyId: 'blocked-holding', name: 'Example Blocked Holding JSC', headquarters: 'RU', sharePercent: listedShare, noneAbove: true },
    {
      partyId: 'lighthouse-partners',
      name: 'Lighthouse Partners Demo A.S.',
      headquarters: 'TR',
      sharePercent: 100 - listedShare,
      noneAbove: true,
    },
  ],
})

export const tidepool = (parentHeadquarters: string): CustomerBody => ({
  customerId: 'tidepool-language',
  name: 'Tidepool Language Demo Pte. Ltd.',
  registeredIn: 'SG',
  headquarters: 'SG',
  tenants: [{ system: 'aws', id: '000000000103' }],
  owners: soleParent({ partyId: 'tidepool-group', name: 'Tidepool Technology Group Demo', headquarters: parentHeadquarters }),
})

export const trader = (name: string): CustomerBody => ({
  customerId: 'micro-trading',
  name,
  registeredIn: 'AE',
  headquarters: 'AE',
  noneAbove: true,
  tenants: [{ system: 'gcp', id: 'micro-trading-demo' }],
  owners: founders('micro-trading', ['Demo Person Nine', 'Demo Person Ten']),
})

/** Twelve invented customers; names that look like a listed party's are those of the demo list. */
export const customers: readonly CustomerBody[] = [
  {
    customerId: 'larkspur-robotics',
    name: 'Larkspur Robotics Demo, Inc.',
    registeredIn: 'US',
    headquarters: 'US',
    noneAbove: true,
    tenants: [{ system: 'aws', id: '000000000101' }],
    owners: founders('larkspur', ['Demo Person One', 'Demo Person Two']),
  },
  {
    customerId: 'willow-market',
    name: 'Willow Market Demo Ltd',
    registeredIn: 'GB',
    headquarters: 'GB',
    tenants: [{ system: 'aws', id: '000000000102' }],
    owners: soleParent({ partyId: 'willow-group', name: 'Willow Commerce Group Demo', headquarters: 'CN' }),
  },
  tidepool('CN'),
  trader('Fictional Microelectronics Trading FZE'),
  lighthouse(50),
  {
    customerId: 'mirror-lake-cloud',
    name: 'Mirror Lake Cloud Demo Co., Ltd.',
    registeredIn: 'CN',
    headquarters: 'CN',
    noneAbove: true,
    tenants: [{ system: 'racks', id: 'mirror-lake' }],
    owners: founders('mirror-lake', ['Demo Person Three', 'Demo Person Four']),
  },
  {
    customerId: 'foxglove-pictures',
    name: 'Foxglove Pictures Demo Ltd',
    registeredIn: 'GB',
    headquarters: 'GB',
    noneAbove: true,
    tenants: [{ system: 'aws', id: '000000000107' }],
    owners: founders('foxglove', ['Demo Person Five', 'Demo Person Six']),
  },
  {
    customerId: 'quarry-ai',
    name: 'Quarry AI Labs Demo Ltd',
    registeredIn: 'IE',
    headquarters: 'IE',
    tenants: [{ system: 'aws', id: '000000000108' }],
    owners: [
      {
        partyId: 'quarry-europe',
        name: 'Quarry Europe Holding Demo B.V.',
        headquarters: 'NL',
        sharePercent: 100,
        owners: soleParent({ partyId: 'quarry-group', name: 'Quarry Group Demo', headquarters: 'CN' }),
      },
    ],
  },
  {
    customerId: 'saltmarsh-genomics',
    name: 'Saltmarsh Genomics Demo, Inc.',
    registeredIn: 'US',
    headquarters: 'US',
    noneAbove: true,
    tenants: [{ system: 'aws', id: '000000000109' }],
    owners: founders('saltmarsh', ['Demo Person Seven', 'Demo Person Eight']),
  },
  {
    customerId: 'harborline-motors',
    name: 'Harborline Motors Demo AG',
    registeredIn: 'DE',
    headquarters: 'DE',
    tenants: [{ system: 'azure', id: '00000000-0000-4000-8000-000000000110' }],
    owners: soleParent({ partyId: 'harborline-holding', name: 'Harborline Holding Demo SE', headquarters: 'DE' }),
  },
  {
    customerId: 'kestrel-university',
    name: 'Kestrel University Demo Foundation',
    registeredIn: 'NL',
    headquarters: 'NL',
    noneAbove: true,
    tenants: [{ system: 'slurm:kestrel', id: 'astro' }],
  },
  {
    customerId: 'meridian-telecom',
    name: 'Meridian Telecom Demo S.A.',
    registeredIn: 'BR',
    headquarters: 'BR',
    tenants: [{ system: 'kubernetes:meridian-1', id: 'vision' }],
    owners: soleParent({ partyId: 'meridian-holding', name: 'Meridian Holding Demo S.A.', headquarters: 'BR' }),
  },
]

export const quarryLicense = (licenseId: string, quantity: number): LicenseBody => ({
  licenseId,
  number: `DEMO-${licenseId.toUpperCase()}`,
  customerId: 'quarry-ai',
  paragraphs: ['3A090.a'],
  models: ['nvidia-h100-sxm5-80gb'],
  quantity,
  validFrom: '2026-01-01T00:00:00Z',
  validTo: '2032-01-01T00:00:00Z',
})

/** Enough for three machines of eight accelerators. */
export const licenses: readonly LicenseBody[] = [quarryLicense('quarry-2026', 24)]
