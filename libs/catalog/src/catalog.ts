/** One accelerator part. An absent number is unknown, never zero. */
export interface Accelerator {
  /** e.g. `nvidia-h100-sxm5-80gb` */
  readonly id: string
  readonly vendor: string
  readonly name: string
  readonly formFactor?: string
  /** total processing performance of one piece: highest dense rate times bit length */
  readonly tpp?: number
  /** mm2 of logic on a non-planar process; 0: the part has none, so that it has no performance density */
  readonly applicableDieArea?: number
  /** GB/s over all inputs and outputs, both directions, other than to volatile memories */
  readonly ioRate?: number
  /** the stated I/O rate leaves out a link whose rate nobody published: the true one may be higher, not lower */
  readonly ioRateIsFloor: boolean
  /** whether it is designed or marketed for data centers */
  readonly dataCenterMarketed: 'yes' | 'no' | 'unknown'
  readonly memoryGb?: number
  /** GB/s */
  readonly memoryBandwidth?: number
}

/** Accelerators in one piece of a SKU; the count may be a fraction of a card. */
export interface AcceleratorPieces {
  readonly model: string
  readonly count: number
}

export interface InstanceShape {
  readonly provider: string
  readonly name: string
  /** absent: the vendor does not name the part */
  readonly model?: string
  readonly count?: number
}

export interface SkuFamily {
  readonly provider: string
  readonly pattern: string
  /** compiled `pattern`, over the whole name in lower case */
  readonly matches: RegExp
  /** `none`, `fpga`, `unknown` or a model */
  readonly answer: string
  /** accelerators are attached by request: a request that states none settles it */
  readonly attachable: boolean
}

export interface Region {
  readonly provider: string
  readonly code: string
  readonly displayName: string
  /** ISO 3166-1 alpha-2 */
  readonly country?: string
  readonly scope: string
  readonly operator?: string
  readonly relation?: 'own' | 'partner'
  /** about the operator */
  readonly stateAffiliated: 'yes' | 'no' | 'unknown'
}

/** What a site says about a machine name that the tables do not resolve. */
export interface SiteMapping {
  readonly provider: string
  readonly raw: string
  /** per piece */
  readonly accelerators: readonly AcceleratorPieces[] | 'none'
}

/** Indexed tables. Build it with `catalogFromRows`; names in keys are in lower case. */
export interface Catalog {
  readonly accelerators: ReadonlyMap<string, Accelerator>
  readonly providers: readonly string[]
  /** by `provider name` */
  readonly instances: ReadonlyMap<string, InstanceShape>
  /** by provider */
  readonly families: ReadonlyMap<string, readonly SkuFamily[]>
  /** by `provider code` */
  readonly regions: ReadonlyMap<string, Region>
  /** by `provider name` */
  readonly siteMappings: ReadonlyMap<string, SiteMapping>
}

/** The provider name under which a site maps SKUs of requests that name no provider. */
export const UNSPECIFIED_PROVIDER = 'unspecified'
