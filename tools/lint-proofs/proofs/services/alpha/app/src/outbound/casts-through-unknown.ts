// proof: lint/no-restricted-syntax "A cast through unknown"
export const count = 'one' as unknown as number
