// proof: lint/no-restricted-syntax "List the names"
export * from './enters-by-the-window.js'
