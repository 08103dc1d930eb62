export const inner = 'beta'
