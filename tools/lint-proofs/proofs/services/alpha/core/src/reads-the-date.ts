// proof: lint/no-restricted-syntax "A core is told the time"
export const today = (): Date => new Date()
