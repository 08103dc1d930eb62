// proof: core-wall/TS2304
export const wait = (work: () => void): unknown => setTimeout(work, 1)
