import type { CanonicalRequest } from '@weir/contracts'
import type { FieldProblem } from '@weir/gateway-core'

/** Texts that a JSON column cannot hold (NUL) or that have no canonical form (a lone surrogate), so that they cannot be signed for. */
export const unstorableTexts = (request: CanonicalRequest): FieldProblem[] => found(request, '')

function found(value: unknown, pointer: string): FieldProblem[] {
  if (typeof value === 'string') {
    return value.isWellFormed() && !value.includes('\0') ? [] : [{ pointer, detail: 'is not Unicode text without NUL' }]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => found(member, `${pointer}/${name}`))
}
