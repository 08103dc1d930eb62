// proof: lint/no-restricted-syntax "A test runs or is deleted"
it.skip('runs later', () => undefined)
