import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { adapt, isPlatform, type AdaptedEvent, type CanonicalRequest } from './index.js'
import { catalog } from '../test/adapted.js'

const root = resolve(import.meta.dirname, '../../../..')
const events = join(resolve(root, process.env['WEIR_SHARED'] ?? '../shared'), 'data/events')
const present = existsSync(join(events, 'expected.json'))
if (!present) console.log('skipped: ../shared/data not present')

interface Expected {
  file: string
  platform: string
  result: string
  items?: string[]
  request?: Record<string, unknown>[]
  alternatives?: Partial<Expected>[]
}

const strongest = (results: readonly AdaptedEvent[]) =>
  ['request', 'needs-lookup', 'unreadable', 'ignored'].find((result) => results.some((event) => event.result === result))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function sameModel(want: string, got: unknown): boolean {
  return want.endsWith('*') ? String(got).startsWith(want.slice(0, -1)) : want === got
}

/** Each wanted row meets its own row of what came, and none is left over. */
function sameRows(
  want: readonly unknown[],
  got: unknown,
  same: (want: Record<string, unknown>, got: Record<string, unknown>) => boolean,
): boolean {
  if (!Array.isArray(got) || got.length !== want.length) return false
  const left: unknown[] = [...got]
  return want.every((row) => {
    const found = left.findIndex((candidate) => isObject(row) && isObject(candidate) && same(row, candidate))
    if (found >= 0) left.splice(found, 1)
    return found >= 0
  })
}

function agrees(path: string, want: unknown, got: unknown): boolean {
  switch (path) {
    case 'occurredAt':
      return typeof got === 'string' && Date.parse(String(want)) === Date.parse(got)
    case 'grantedCount':
      return want === null ? got === null || got === undefined : want === got
    case 'skus':
      return Array.isArray(want) && sameRows(want, got, (w, g) => w['raw'] === g['raw'] && w['count'] === g['count'])
    case 'accelerators':
      if (!Array.isArray(want)) return want === got
      return sameRows(want, got, (w, g) => sameModel(String(w['model']), g['model']) && w['count'] === g['count'])
    case 'tenantRef.system':
      return String(got).split(':')[0] === want
    default:
      return want === got
  }
}

function differences(want: Record<string, unknown>, got: unknown, prefix = ''): string[] {
  return Object.entries(want).flatMap(([name, wanted]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const given = isObject(got) ? got[name] : undefined
    if (isObject(wanted)) return differences(wanted, given, path)
    return agrees(path, wanted, given) ? [] : [`${path}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(given)}`]
  })
}

function judge(expected: Omit<Expected, 'file' | 'platform'>, results: readonly AdaptedEvent[]): string[] {
  const overall = strongest(results)
  if (overall !== expected.result)
    return [`result: wanted ${expected.result}, got ${overall} (${JSON.stringify(results.map((r) => r.reason))})`]
  const items = results.map((event) => event.result)
  if (expected.items && expected.items.join() !== items.join()) return [`items: ${items.join()}`]
  const requests: CanonicalRequest[] = results.flatMap((event) => event.requests)
  const wanted = expected.request ?? []
  if (requests.length !== wanted.length) return [`${requests.length} requests, wanted ${wanted.length}`]
  return wanted.flatMap((want, i) => differences(want, requests[i]))
}

const all = present ? (JSON.parse(readFileSync(join(events, 'expected.json'), 'utf8')) as Expected[]) : []
const ours = all.filter((entry) => isPlatform(entry.platform))

;(present ? describe : describe.skip)('the events that others published', () => {
  it('are 37 for these platforms', () => {
    expect(ours).toHaveLength(37)
  })

  it.each(ours.map((entry) => [entry.file, entry] as const))('%s', (_file, entry) => {
    if (!isPlatform(entry.platform)) throw new Error(entry.platform)
    const results = adapt(entry.platform, JSON.parse(readFileSync(join(events, entry.file), 'utf8')), { catalog })
    const main = judge(entry, results)
    const alternative = (entry.alternatives ?? []).some((other) => judge({ result: entry.result, ...other }, results).length === 0)
    expect(alternative ? [] : main).toEqual([])
  })
})
