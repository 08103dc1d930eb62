import { Fault } from '@weir/kernel'
import { z } from 'zod'
import type { ServiceDefinition } from './service-definition.js'

export type Environment = Readonly<Record<string, string | undefined>>

export class ConfigFault extends Fault<'config-refused'> {
  constructor(message: string) {
    super({ code: 'config-refused', message })
  }
}

export const envPrefix = (service: string): string => `WEIR_${service.toUpperCase().replaceAll('-', '_')}_`

/** Of the host, not of the service: the port it listens at, and where others find it. */
const hostKeys = ['PORT', 'URL']

/**
 * The keys `WEIR_<NAME>_…` of the environment as the service's schema sees them. A key that nobody knows is refused:
 * a misspelled threshold that silently keeps its default would be worse than a service that does not start.
 */
export function parseServiceConfig<Schema extends z.ZodType>(
  definition: Pick<ServiceDefinition<Schema>, 'name' | 'config'>,
  env: Environment,
): z.infer<Schema> {
  const prefix = envPrefix(definition.name)
  const given = Object.fromEntries(
    Object.entries(env).filter(
      ([key, value]) => value !== undefined && key.startsWith(prefix) && !hostKeys.includes(key.slice(prefix.length)),
    ),
  )
  const known = keysOf(definition.config)
  if (known !== undefined) {
    const complaints = Object.keys(given)
      .filter((key) => !known.includes(key))
      .map((key) => `${key} is not a key of ${definition.name}. ${mend(key, known)}`)
    if (complaints.length > 0) throw new ConfigFault(complaints.join('\n'))
  }
  const parsed = definition.config.safeParse(given)
  if (parsed.success) return parsed.data
  const complaints = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || definition.name}: ${issue.message}`)
  throw new ConfigFault(`The configuration of ${definition.name} is refused.\n${complaints.join('\n')}`)
}

/** undefined: the schema does not tell, so it must refuse unknown keys itself */
function keysOf(schema: z.core.$ZodType): readonly string[] | undefined {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodPipe) return keysOf(schema.in)
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodReadonly) {
    return keysOf(schema.def.innerType)
  }
  return undefined
}

function mend(key: string, known: readonly string[]): string {
  const nearest = known.map((candidate) => ({ candidate, distance: distanceOf(key, candidate) })).sort((a, b) => a.distance - b.distance)[0]
  if (nearest !== undefined && nearest.distance <= 4) return `Did you mean ${nearest.candidate}?`
  return known.length === 0 ? 'It has none; remove it.' : `Remove it; the keys are ${known.join(', ')}.`
}

/** Edits that turn one text into the other. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}
