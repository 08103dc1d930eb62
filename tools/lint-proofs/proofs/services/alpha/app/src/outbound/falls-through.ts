// proof: types/TS7029, lint/no-fallthrough
export function size(color: 'red' | 'green'): number {
  let size = 0
  switch (color) {
    case 'red':
      size += 1
    case 'green':
      size += 2
  }
  return size
}
