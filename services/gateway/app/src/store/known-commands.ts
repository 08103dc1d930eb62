import { Gatherer } from '@weir/messaging'
import type { Database } from '@weir/persistence'

/** Whether a command was taken before, by its key in the log of commands. Those who ask side by side ask in one query. */
export class KnownCommands {
  private readonly gatherer: Gatherer<string, boolean>

  constructor(database: Pick<Database, 'query'>) {
    const known = async (keys: readonly string[]): Promise<boolean[]> => {
      const rows = await database.query<{ key: string }>('select key from command_log where key = any($1)', [keys])
      const there = new Set(rows.map(({ key }) => key))
      return keys.map((key) => there.has(key))
    }
    this.gatherer = new Gatherer({ together: known, alone: async (key) => (await known([key]))[0] ?? false, most: 256, sizeOf: () => 1 })
  }

  has(key: string): Promise<boolean> {
    return this.gatherer.add(key)
  }
}
