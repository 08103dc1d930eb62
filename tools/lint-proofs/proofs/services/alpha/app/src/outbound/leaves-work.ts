// proof: lint/no-warning-comments
// TODO: finish
export const unfinished = true
