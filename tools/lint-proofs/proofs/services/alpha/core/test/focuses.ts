// proof: lint/no-restricted-syntax "The whole suite runs"
fdescribe('one', () => undefined)
