/** A spreadsheet takes these for the start of a formula; so does one behind leading white space. */
const FORMULA = /^[\s]*[=+\-@]|^[\t\r]/

/** RFC 4180, CRLF. A cell that a spreadsheet would run gets an apostrophe in front, which shows it as text. */
export function csvText(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
