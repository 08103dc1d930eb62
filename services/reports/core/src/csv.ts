/** What a spreadsheet takes for the start of a formula, the wide forms of East Asian keyboards among them. */
const SIGNS = '=+\\-@\uFF1D\uFF0B\uFF0D\uFF20'
/** At the start of a cell, behind white space too; a tab or a line end at the start is dropped by some programs. */
const FORMULA = new RegExp(`^\\s*[${SIGNS}]|^[\\t\\r\\n]`, 'u')
/** Behind what another country's spreadsheet takes for the end of a cell. */
const INNER_FORMULA = new RegExp(`([;\\t\\r\\n|]\\s*)(?=[${SIGNS}])`, 'gu')

/** RFC 4180, CRLF. A cell that a spreadsheet would run gets an apostrophe in front, which shows it as text. */
export function csvText(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | undefined): string {
  if (typeof value === 'number') return String(value)
  const text = (value ?? '').replaceAll(INNER_FORMULA, "$1'")
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
