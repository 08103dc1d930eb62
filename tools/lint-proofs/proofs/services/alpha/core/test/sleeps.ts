// proof: lint/no-restricted-syntax "Wait with a probe"
export const later = (): Promise<void> => new Promise((done) => setTimeout(done, 100))
