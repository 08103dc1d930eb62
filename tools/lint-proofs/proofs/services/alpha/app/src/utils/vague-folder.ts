// proof: lint/weir/named-path
export const vague = true
