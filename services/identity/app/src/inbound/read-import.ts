import { ProblemError } from '@weir/service-host'
import type { z } from 'zod'
import type { Declaration, RowProblem } from '../use-cases/plan-declarations.js'
import { declarationOf, importedRow, refuseDeepOwners } from './customer-body.js'
import { readCsv } from './read-csv.js'

export interface ImportRow {
  /** counts from 1, without the header of a CSV */
  readonly row: number
  readonly customerId: string | undefined
  readonly read: { readonly ok: true; readonly declaration: Declaration } | { readonly ok: false; readonly problems: readonly RowProblem[] }
}

/** A row as it came: members of a JSON object, or cells of a CSV brought into the same form. */
type RawRow = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problems: readonly RowProblem[] }

export function rowsOfJson(body: unknown): ImportRow[] {
  if (!Array.isArray(body)) {
    throw new ProblemError({ status: 422, code: 'invalid-body', title: 'The body must be an array of customers.' })
  }
  return body.map((value: unknown, index) => readRow({ ok: true, value }, index))
}

const columns = ['customerId', 'name', 'aliases', 'registeredIn', 'headquarters', 'noneAbove', 'tenants', 'owners']

/** Columns as in JSON; `aliases`, `tenants` and `owners` hold JSON. Tenants may also be written `system|id; system|id`. */
export async function rowsOfCsv(text: string): Promise<ImportRow[]> {
  const { header, rows, trouble } = await readCsv(text)
  const strange = header.filter((column) => !columns.includes(column))
  if (trouble !== undefined || strange.length > 0 || !header.includes('customerId')) {
    const detail =
      trouble !== undefined
        ? `Line ${trouble.line}: ${trouble.detail}`
        : `The header must name columns of ${columns.join(', ')}, with customerId; unknown: ${strange.join(', ') || 'none'}.`
    throw new ProblemError({ status: 422, code: 'invalid-csv', title: 'The CSV cannot be read.', detail })
  }
  return rows.map((row, index) => readRow(valueOf(header, row.cells), index))
}

function readRow(raw: RawRow, index: number): ImportRow {
  const row = index + 1
  if (!raw.ok) return { row, customerId: undefined, read: raw }
  const { value } = raw
  const customerId = typeof value === 'object' && value !== null && 'customerId' in value ? String(value.customerId) : undefined
  refuseDeepOwners(value)
  const parsed = importedRow.safeParse(value)
  if (!parsed.success) return { row, customerId, read: { ok: false, problems: problemsOf(parsed.error) } }
  const { tenants } = parsed.data
  return { row, customerId, read: { ok: true, declaration: { declaration: declarationOf(parsed.data.customerId, parsed.data), tenants } } }
}

const problemsOf = (error: z.ZodError): RowProblem[] =>
  error.issues.map((issue) => ({
    code: 'row-refused',
    pointer: issue.path.map((part) => `/${String(part)}`).join(''),
    detail: issue.message,
  }))

function valueOf(header: readonly string[], cells: readonly string[]): RawRow {
  const problems: RowProblem[] = []
  const value: Record<string, unknown> = {}
  for (const [index, column] of header.entries()) {
    const cell = (cells[index] ?? '').trim()
    if (cell === '') continue
    const read = readCell(column, cell)
    if (read === undefined)
      problems.push({ code: 'row-refused', pointer: `/${column}`, detail: `The cell cannot be read: ${cell.slice(0, 80)}` })
    value[column] = read
  }
  if (cells.length > header.length) problems.push({ code: 'row-refused', pointer: '', detail: `The row has ${cells.length} cells.` })
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value }
}

/** undefined: unreadable */
function readCell(column: string, cell: string): unknown {
  if (column === 'noneAbove') return cell === 'true' ? true : cell === 'false' ? false : undefined
  if (column === 'tenants' && !cell.startsWith('[')) return readTenants(cell)
  if (column !== 'aliases' && column !== 'tenants' && column !== 'owners') return cell
  try {
    return JSON.parse(cell) as unknown
  } catch {
    return undefined
  }
}

function readTenants(cell: string): unknown {
  const pairs = cell
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => ({ system: pair.slice(0, pair.indexOf('|')), id: pair.slice(pair.indexOf('|') + 1), whole: pair.includes('|') }))
  return pairs.every((pair) => pair.whole) ? pairs.map(({ system, id }) => ({ system, id })) : undefined
}
