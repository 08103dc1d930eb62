// proof: core-wall/TS2304
export const ask = (url: string): unknown => fetch(url)
