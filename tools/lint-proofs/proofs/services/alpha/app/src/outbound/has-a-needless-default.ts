// proof: lint/@typescript-eslint/switch-exhaustiveness-check
export function size(color: 'red' | 'green'): number {
  switch (color) {
    case 'red':
      return 1
    case 'green':
      return 2
    default:
      return 3
  }
}
