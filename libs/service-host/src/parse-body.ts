import type { z } from 'zod'
import { ProblemError } from './problem-error.js'

/** The body as its schema sees it; 422 with a pointer per violation otherwise. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new ProblemError({
    status: 422,
    code: 'invalid-body',
    title: 'The body does not have the required form.',
    errors: result.error.issues.flatMap((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
      return keys.map((key) => ({
        pointer: pointerOf(key === undefined ? issue.path : [...issue.path, key]),
        detail: key === undefined ? issue.message : 'This member is not known here.',
      }))
    }),
  })
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
