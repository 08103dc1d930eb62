// proof: types/TS7006
export const echo = (word): string => String(word)
