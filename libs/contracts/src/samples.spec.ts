import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { catalog } from './catalog.js'

const folder = join(import.meta.dirname, '../samples')
const types = Object.entries(catalog)

/** What was once on the wire: a schema that refuses one of these broke its promise, and needs a new version. */
const samplesOf = (type: string) =>
  readdirSync(join(folder, type)).map((name) => ({
    name,
    value: JSON.parse(readFileSync(join(folder, type, name), 'utf8')) as Record<string, unknown>,
  }))

describe('golden samples', () => {
  it('belong to events of the catalog, and every event has one', () => {
    expect(readdirSync(folder).sort()).toEqual(types.map(([type]) => type).sort())
  })

  describe.each(types)('%s', (type, { schema }) => {
    it.each(samplesOf(type).map((sample) => [sample.name, sample.value] as const))('reads %s and loses nothing', (_name, value) => {
      expect(schema.parse(value)).toEqual(value)
    })

    it('allows members that it does not know, because a version may gain some', () => {
      for (const { value } of samplesOf(type)) expect(schema.safeParse({ ...value, laterMember: 1 }).success).toBe(true)
    })

    it('refuses a sample that lacks a required member', () => {
      const values = samplesOf(type).map((sample) => sample.value)
      const members: Readonly<Record<string, z.ZodType>> = schema.shape
      const required = Object.keys(members).filter((name) => members[name]?.safeParse(undefined).success === false)
      for (const value of values) {
        for (const name of required) {
          const without = Object.fromEntries(Object.entries(value).filter(([member]) => member !== name))
          expect({ name, accepted: schema.safeParse(without).success }).toEqual({ name, accepted: false })
        }
      }
    })
  })
})
