interface Finding {
  readonly id: string
  readonly name: string
  readonly state: 'held' | 'broken' | 'not built'
  readonly count: number
  readonly examples: readonly string[]
}
export const names: Readonly<Record<string, string>>
export function evaluate(facts: object): readonly Finding[]
