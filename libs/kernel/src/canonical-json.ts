/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/**
 * RFC 8785 (JCS) text of a JSON value: names sorted by UTF-16 code units, ECMAScript number text, no white space.
 * Properties that are `undefined` are left out, as JSON.stringify does.
 * Throws a TypeError on what JSON cannot hold (NaN, infinities, lone surrogates): a digest over it would mean nothing.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? listed(value) : named(value)
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
      throw new TypeError(`canonical JSON cannot hold a ${typeof value}`)
  }
}

/** Nothing in it is escaped. */
const plain = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('canonical JSON cannot hold a lone surrogate')
  return JSON.stringify(text)
}

function listed(items: readonly unknown[]): string {
  let text = '['
  for (let at = 0; at < items.length; at++) text += at === 0 ? canonicalJson(items[at]) : `,${canonicalJson(items[at])}`
  return `${text}]`
}

function named(value: object): string {
  const members = value as Readonly<Record<string, unknown>>
  let text = ''
  for (const { name, ahead, behind } of namesOf(members)) {
    const member = members[name]
    if (member === undefined) continue
    const head = text === '' ? ahead : behind
    // Piece by piece onto the whole: what is put together beside it first takes memory twice.
    if (typeof member === 'string' && plain.test(member)) text = text + head.text + member + '"'
    else text = text + head.value + canonicalJson(member)
  }
  return text === '' ? '{}' : `${text}}`
}

/** What stands before a member. */
interface Head {
  readonly value: string
  /** of a text, its quote included */
  readonly text: string
}

interface Name {
  readonly name: string
  /** of the first member */
  readonly ahead: Head
  /** of any other */
  readonly behind: Head
}

/** Without a function to compare, text is sorted by its UTF-16 code units. */
const inOrder = (unsorted: readonly string[]): readonly Name[] =>
  unsorted.toSorted().map((name) => ({ name, ahead: headOf(`{${quoted(name)}:`), behind: headOf(`,${quoted(name)}:`) }))

const headOf = (value: string): Head => ({ value, text: `${value}"` })

/** Few shapes are written many times: the names of each are sorted once. */
function namesOf(members: Readonly<Record<string, unknown>>): readonly Name[] {
  let shape: Shape | undefined = empty
  for (const name in members) {
    shape = shape.with(name)
    if (shape === undefined) return inOrder(Object.keys(members))
  }
  return shape.names
}

/** Danger: names may be anybody's. These bounds keep what is remembered of them below some ten megabytes. */
const MOST_SHAPES = 10_000
const MOST_NAMES = 50
const LONGEST_NAME = 50
let shapes = 0

/** Names in the order in which some objects have them. */
class Shape {
  #names: readonly Name[] | undefined
  /** what came behind these first is what comes most often */
  #first: { readonly name: string; readonly shape: Shape } | undefined
  #others: Map<string, Shape> | undefined

  constructor(private readonly unsorted: readonly string[]) {}

  /** undefined: this one is not remembered */
  with(name: string): Shape | undefined {
    if (this.#first?.name === name) return this.#first.shape
    return this.#others?.get(name) ?? this.#added(name)
  }

  get names(): readonly Name[] {
    return (this.#names ??= inOrder(this.unsorted))
  }

  #added(name: string): Shape | undefined {
    if (shapes >= MOST_SHAPES || this.unsorted.length >= MOST_NAMES || name.length > LONGEST_NAME) return undefined
    shapes++
    const shape = new Shape([...this.unsorted, name])
    if (this.#first === undefined) this.#first = { name, shape }
    else (this.#others ??= new Map()).set(name, shape)
    return shape
  }
}

const empty = new Shape([])
