import { readFileSync } from 'node:fs'
import { catalogFromRows, parseCsv } from '@weir/catalog'
import { adapt, type AdaptedEvent, type Platform } from '../src/index.js'

const table = (name: string) => parseCsv(readFileSync(new URL(`../../../../policy/${name}.csv`, import.meta.url), 'utf8'))

/** The catalog that ships with Weir. */
export const catalog = catalogFromRows({
  accelerators: table('accelerators'),
  instances: table('instances'),
  skuFamilies: table('sku-families'),
  regions: table('regions'),
})

/** What a body of one event becomes. */
export function one(platform: Platform, body: unknown): AdaptedEvent {
  const [event, ...more] = adapt(platform, body, { catalog })
  if (event === undefined || more.length > 0) throw new Error('not one event')
  return event
}

export const asked = (platform: Platform, body: unknown) => one(platform, body).requests[0]
