/**
 * What a customer of a provider asks for, changes, gives back or shows. Structurally the contract's `CanonicalRequest`,
 * which the core may not import. A field that is absent was not stated by the record; absent is unknown, never "no".
 */
export type RequestAction = 'create' | 'resize' | 'start' | 'renew' | 'delete' | 'observe'
export type Enforcement = 'pre' | 'post'
export type ActOutcome = 'pending' | 'succeeded' | 'failed'
export type PrincipalType = 'user' | 'role' | 'root' | 'service' | 'serviceAccount' | 'application'
export type Interconnect = 'infiniband' | 'roce' | 'efa' | 'nvlink-switch' | 'ethernet'
export type Placement = 'cluster' | 'spread' | 'none'
export type EndUseCategory = 'ai-training' | 'ai-inference' | 'rendering' | 'simulation' | 'general' | 'other'
export type Delivery = 'remote' | 'dedicated-host' | 'colocation' | 'on-premises' | 'reseller-rack'

export interface AcceleratorCount {
  model: string
  count: number
  form?: string | undefined
}

/** `none`: no controlled item. `unknown`: not resolvable. Unknown is never none. */
export type AcceleratorTotals = 'none' | 'unknown' | AcceleratorCount[]

export interface Sku {
  raw: string
  /** machines for a machine type, devices in all for a device */
  count: number
  /** per piece */
  accelerators?: AcceleratorTotals | undefined
}

export interface TenantRef {
  system: string
  id: string
}

export interface Principal {
  type: PrincipalType
  id: string
  onBehalfOf?: string | undefined
}

export interface CountRange {
  min: number
  max: number
}

export interface ResourceRef {
  kind?: string | undefined
  id?: string | undefined
  name?: string | undefined
}

export interface Region {
  raw: string
  iso3166?: string | undefined
  dataCenter?: string | undefined
  operator?: string | undefined
}

export interface Window {
  start?: string | undefined
  end?: string | undefined
}

export interface Network {
  interconnect?: Interconnect | undefined
  gbpsPerNode?: number | undefined
  placement?: Placement | undefined
}

export interface EndUse {
  category?: EndUseCategory | undefined
  statement?: string | undefined
}

export interface RawRef {
  digest: string
  ref?: string | undefined
  mediaType?: string | undefined
}

export interface CanonicalRequest {
  source: string
  sourceEventId?: string | undefined
  occurredAt?: string | undefined
  receivedAt?: string | undefined
  action: RequestAction
  tenantRef?: TenantRef | undefined
  enforcement: Enforcement
  provider?: string | undefined
  principal?: Principal | undefined
  resource?: ResourceRef | undefined
  region?: Region | undefined
  skus: Sku[]
  requestedCount?: CountRange | undefined
  grantedCount?: number | null | undefined
  accelerators?: AcceleratorTotals | undefined
  window?: Window | undefined
  workloadHints?: string[] | undefined
  network?: Network | undefined
  endUse?: EndUse | undefined
  delivery?: Delivery | undefined
  outcome?: ActOutcome | undefined
  raw?: RawRef | undefined
}
