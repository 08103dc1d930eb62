import { randomUUID } from 'node:crypto'
import { testDatabase } from '@weir/testing'
import fc from 'fast-check'
import type { Database } from './transaction.js'

const noNull = (unit: fc.Arbitrary<string>) => unit.filter((value) => !value.includes('\0'))
const string = noNull(fc.string({ unit: 'binary' }))
const quoted = fc.constantFrom('', '"', '\\', '{}', 'NULL', 'null', '{"a":"\\\\"}', "it's", ' , ', '\n', '𝄞')
const long = fc.string({ minLength: 3_000, maxLength: 9_000, unit: 'grapheme-ascii' })
const integers = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n })
const document = noNull(fc.json({ maxDepth: 2 })).filter((value) => !/\\u0000|\\ud[89a-f]/i.test(value))

const columns: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(string, quoted, long, fc.integer(), fc.boolean(), fc.bigInt()),
  uuid: fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
  ),
  jsonb: fc.oneof(document, fc.constant('{"a": [1, "\\"", "\\\\"]}'), fc.record({ a: fc.oneof(quoted, fc.integer()) })),
  json: fc.oneof(document, fc.record({ a: quoted })),
  bytea: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  boolean: fc.boolean(),
  smallint: integers(16).map(Number),
  int: fc.oneof(integers(32).map(Number), integers(32).map(String)),
  integer: integers(32),
  bigint: fc.oneof(integers(64), integers(64).map(String), fc.maxSafeInteger()),
  timestamptz: fc.oneof(
    fc.date({ noInvalidDate: true, min: new Date('1900-01-01Z'), max: new Date('9999-12-31Z') }),
    fc.constant('2026-11-20T10:00:00.123456Z'),
  ),
}

describe('arrays as parameters', () => {
  let database: Database
  let drop: () => Promise<void>
  beforeAll(async () => {
    ;({ database, drop } = await testDatabase({ service: 'identity', migrations: [] }))
  })
  afterAll(() => drop())

  /** `cast($1 as …)` is none of the casts that are looked for, so the driver writes that one. */
  const both = async (type: string, values: readonly unknown[]) => {
    const sql = `select $1::${type}[]::text as binary, cast($2 as ${type}[])::text as driver`
    const [row] = await database.query<{ binary: string; driver: string }>(sql, [values, values])
    return row
  }

  it.each(Object.entries(columns))('of %s reach the server as the driver itself would write them', async (type, value) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(value, { freq: 8 }), { maxLength: 6 }), async (values) => {
        const row = await both(type, values)
        expect(row?.binary).toBe(row?.driver)
      }),
      { numRuns: 60 },
    )
  })

  it('of thousands', async () => {
    const ids = Array.from({ length: 5_000 }, () => randomUUID())
    const [row] = await database.query<{ ids: string[] }>('select array(select unnest($1::uuid[])) as ids', [ids])
    expect(row?.ids).toEqual(ids)
  })

  it.each([
    ['uuid', ['not-a-uuid'], /invalid input syntax for type uuid/],
    ['int', ['2147483648'], /out of range for type integer/],
    ['smallint', [40_000], /out of range for type smallint/],
    ['int', [1.5], /invalid input syntax for type integer/],
    ['bigint', ['9223372036854775808'], /out of range for type bigint/],
    ['jsonb', ['{'], /invalid input syntax for type json/],
  ])('of %s that hold %j are refused in the words of the server', async (type, values, words) => {
    await expect(database.query(`select $1::${type}[]`, [values])).rejects.toThrow(words)
  })

  it('with arrays in them stay what the driver makes of them', async () => {
    const row = await both('text', [
      ['a', 'b'],
      ['c', '"'],
    ])
    expect(row).toEqual({ binary: '{{a,b},{c,"\\""}}', driver: '{{a,b},{c,"\\""}}' })
  })
})
