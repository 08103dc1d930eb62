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
  for (const name of inOrder(Object.keys(members))) {
    const member = members[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** Most objects are written in order already. Without a function to compare, text is sorted by its UTF-16 code units. */
function inOrder(names: string[]): string[] {
  for (let at = 1; at < names.length; at++) if ((names[at - 1] ?? '') > (names[at] ?? '')) return names.sort()
  return names
}
