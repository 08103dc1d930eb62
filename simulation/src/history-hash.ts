import { createHash } from 'node:crypto'
import type { World } from './world.js'

/** Over all that happened in a run, in its order: two runs of a seed are the same one if this is the same. */
export function historyHash({ topics, history, scheduler, now, random, processes }: World): string {
  const hash = createHash('sha256')
  const add = (...parts: readonly unknown[]): void => void hash.update(`${JSON.stringify(parts)}\n`)
  for (const message of topics.all) add(message)
  for (const passed of history.passed) add(passed)
  for (const checkpoint of history.checkpoints) add(checkpoint)
  for (const [act, ids] of history.replies) add(act, [...ids])
  add(
    [...history.handled].map(([service, times]) => [service, ...times]),
    [...history.recorded],
    [...history.answered],
    [...history.written].map(([source, rows]) => [source, ...rows.keys()]),
  )
  for (const { spec, offsets, inbox } of Object.values(processes)) add(spec.name, [...offsets.committed], [...inbox.committed.keys()])
  add(history.counts, history.broken, history.moment, scheduler.steps, now, random.word())
  return hash.digest('hex').slice(0, 32)
}
