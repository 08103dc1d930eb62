// proof: types/TS2375
interface Asked {
  readonly region?: string
}

export const asked = (region: string | undefined): Asked => ({ region })
