// proof: lint/@eslint-community/eslint-comments/require-description
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const anything = (value: any): void => void value
