/**
 * Arrays as the server reads them fastest: in its binary form, which needs no quoting here and no unquoting there. The driver
 * itself writes them as text, where each quote of a JSON document is escaped on the way in and unescaped on the way out.
 */
export type ArrayEncoder = (values: readonly unknown[]) => Buffer | undefined

/** What one value takes, and how it is written; undefined where the driver's text says it better, with the server's own complaint. */
interface ElementType {
  readonly oid: number
  prepare(value: unknown): Buffer | string | undefined
  /** before a string */
  readonly prefix?: number
}

const HEADER = 20
const EMPTY_HEADER = 12
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
const INTEGER = /^-?\d{1,19}$/
/** Of the server's clock, in milliseconds of ours. */
const EPOCH_2000 = 946_684_800_000n

const plain = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined
}
const json = (value: unknown): string | undefined => (typeof value === 'string' ? value : JSON.stringify(value))

const types: Readonly<Record<string, ElementType>> = {
  text: { oid: 25, prepare: plain },
  uuid: {
    oid: 2950,
    prepare: (value) => (typeof value === 'string' && UUID.test(value) ? Buffer.from(value.replaceAll('-', ''), 'hex') : undefined),
  },
  jsonb: { oid: 3802, prepare: json, prefix: 1 },
  json: { oid: 114, prepare: json },
  bytea: {
    oid: 17,
    prepare: (value) => (value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined),
  },
  boolean: { oid: 16, prepare: (value) => (typeof value === 'boolean' ? Buffer.of(value ? 1 : 0) : undefined) },
  smallint: { oid: 21, prepare: integer(2) },
  int: { oid: 23, prepare: integer(4) },
  bigint: { oid: 20, prepare: integer(8) },
  timestamptz: { oid: 1184, prepare: timestamp },
}

const aliases: Readonly<Record<string, string>> = { integer: 'int', int2: 'smallint', int4: 'int', int8: 'bigint', bool: 'boolean' }

/** By the place of the parameter (0: `$1`): those that `sql` casts as `$1::uuid[]`, to one type that is known here. */
export function arrayEncoders(sql: string): ReadonlyMap<number, ArrayEncoder> {
  const casts = new Map<number, Set<string>>()
  for (const [, place, name = ''] of sql.matchAll(/\$(\d+)::([a-z0-9]+)\[\]/g)) {
    const index = Number(place) - 1
    casts.set(index, (casts.get(index) ?? new Set()).add(aliases[name] ?? name))
  }
  const encoders = [...casts].flatMap(([index, names]) => {
    const [name = ''] = names
    const type = names.size === 1 && Object.hasOwn(types, name) ? types[name] : undefined
    return type === undefined ? [] : [[index, (values: readonly unknown[]) => encode(values, type)] as const]
  })
  return new Map(encoders)
}

function encode(values: readonly unknown[], type: ElementType): Buffer | undefined {
  const prefix = type.prefix === undefined ? 0 : 1
  const elements: (Buffer | string | null)[] = []
  let size = values.length === 0 ? EMPTY_HEADER : HEADER
  let nulls = 0
  for (const value of values) {
    const element = value === null || value === undefined ? null : Array.isArray(value) ? undefined : type.prepare(value)
    if (element === undefined) return undefined
    if (element === null) nulls = 1
    size += 4 + (element === null ? 0 : typeof element === 'string' ? prefix + Buffer.byteLength(element) : element.length)
    elements.push(element)
  }
  const array = Buffer.allocUnsafe(size)
  array.writeInt32BE(values.length === 0 ? 0 : 1, 0)
  array.writeInt32BE(nulls, 4)
  array.writeUInt32BE(type.oid, 8)
  if (values.length === 0) return array
  array.writeInt32BE(values.length, 12)
  array.writeInt32BE(1, 16)
  write(array, elements, type)
  return array
}

function write(array: Buffer, elements: readonly (Buffer | string | null)[], { prefix }: ElementType): void {
  let at = HEADER
  for (const element of elements) {
    let length = -1
    if (typeof element === 'string') {
      const start = prefix === undefined ? at + 4 : array.writeUInt8(prefix, at + 4)
      length = start - (at + 4) + array.write(element, start, 'utf8')
    } else if (element !== null) length = element.copy(array, at + 4)
    array.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
}

function integer(bytes: 2 | 4 | 8): (value: unknown) => Buffer | undefined {
  const most = 2n ** BigInt(bytes * 8 - 1)
  return (value) => {
    const whole = typeof value === 'bigint' || Number.isSafeInteger(value) || (typeof value === 'string' && INTEGER.test(value))
    if (!whole) return undefined
    const number = BigInt(value as bigint | number | string)
    if (number >= most || number < -most) return undefined
    const element = Buffer.allocUnsafe(8)
    element.writeBigInt64BE(number)
    return element.subarray(8 - bytes)
  }
}

/** Of dates only: text may say more than milliseconds. */
function timestamp(value: unknown): Buffer | undefined {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined
  const element = Buffer.allocUnsafe(8)
  element.writeBigInt64BE((BigInt(value.getTime()) - EPOCH_2000) * 1000n)
  return element
}
