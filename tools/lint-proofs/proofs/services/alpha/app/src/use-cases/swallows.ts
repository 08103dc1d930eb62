// proof: lint/no-restricted-syntax "Faults pass through here"
export function quiet(work: () => void): void {
  try {
    work()
  } catch {
    work()
  }
}
