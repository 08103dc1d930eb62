// proof: lint/no-restricted-syntax "A core knows no chance"
export const roll = (): number => Math.random()
