import type { Outgoing } from './topics.js'

/** A move of a consumer's position, in the order of the commits. */
export interface Passed {
  readonly service: string
  readonly place: string
  readonly from: number
  readonly to: number
}

/** What an observer saw, in the order in which it became true. */
export class History {
  /** grows with every commit: what is seen at a lower number was there before */
  moment = 0
  readonly passed: Passed[] = []
  /** by service, then event id: how often a committed transaction handled it */
  readonly handled = new Map<string, Map<string, number>>()
  /** by source, then number: rows of outboxes that were committed */
  readonly written = new Map<string, Map<number, Outgoing>>()
  /** replies that a client got, by act */
  readonly replies = new Map<string, Set<string>>()
  /** an answer or an entry, by request and revision: the moment of its commit */
  readonly answered = new Map<string, number>()
  readonly recorded = new Map<string, number>()
  /** by license: the lowest balance that was ever committed */
  readonly lowest = new Map<string, number>()
  /** checkpoints in the order of their commits */
  readonly checkpoints: { readonly size: number; readonly checkpoint: string }[] = []
  readonly counts: Record<string, number> = {}
  /** what no run may have: handlers that fail by themselves, work that never ends */
  readonly broken: string[] = []

  noteWritten(source: string, entries: readonly Outgoing[]): void {
    const rows = this.written.get(source) ?? new Map<number, Outgoing>()
    this.written.set(source, rows)
    for (const entry of entries) rows.set(entry.seq, entry)
  }

  noteHandled(service: string, ids: readonly { readonly id: string }[]): void {
    const times = this.handled.get(service) ?? new Map<string, number>()
    this.handled.set(service, times)
    for (const { id } of ids) times.set(id, (times.get(id) ?? 0) + 1)
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by
  }
}
