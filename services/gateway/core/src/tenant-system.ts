import type { AdapterContext } from './adapted-event.js'
import { text } from './read.js'

/** A platform whose tenant ids are unique only within one installation, with the configured one: `kubernetes:prod-1`. */
export function qualified(system: 'openstack' | 'kubernetes' | 'slurm', context: AdapterContext): string {
  const installation = text(context.installation, 60)
  return installation === undefined ? system : `${system}:${installation}`
}
