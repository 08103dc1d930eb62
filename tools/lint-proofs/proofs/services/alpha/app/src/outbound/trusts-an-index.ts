// proof: types/TS2322
export const first = (words: readonly string[]): string => words[0]
