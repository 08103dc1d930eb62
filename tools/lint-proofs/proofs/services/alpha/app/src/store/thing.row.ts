export interface ThingRow {
  readonly id: string
}
