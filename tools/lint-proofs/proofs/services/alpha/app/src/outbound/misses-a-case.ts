// proof: lint/@typescript-eslint/switch-exhaustiveness-check
export function size(color: 'red' | 'green'): number | undefined {
  switch (color) {
    case 'red':
      return 1
  }
  return undefined
}
