// proof: lint/reportUnusedDisableDirectives
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- nothing here needs it
export const nothing = undefined
