// proof: lint/weir/kebab-case-file
export const named = true
