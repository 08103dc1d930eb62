// proof: lint/no-restricted-syntax "Settings are read in config.ts"
export const home = process.env['HOME']
