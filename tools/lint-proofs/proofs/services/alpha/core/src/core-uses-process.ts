// proof: core-wall/TS2591
export const folder = (): string => process.cwd()
