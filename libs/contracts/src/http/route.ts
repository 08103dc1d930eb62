import { z } from 'zod'

/** One operation of the public HTTP interface, as the gateway serves it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** `:name` at the start of a segment is a parameter; a colon inside a segment is part of its name */
  readonly path: string
  readonly summary: string
  /** what the API key must have; absent: no key is asked for */
  readonly scope?: string
  /** true: the header Idempotency-Key is required */
  readonly idempotent?: boolean
  readonly query?: z.ZodObject
  /** JSON body; what is sent in another form says so in its summary */
  readonly request?: z.ZodType
  /** by status: a JSON body, or the media type of another one; refusals are problems (RFC 9457) and stand for themselves */
  readonly responses: Readonly<Record<number, z.ZodType | string>>
}

export const instant = z.iso.datetime()
export const country = z.string().regex(/^[A-Z]{2}$/)
export const digest = z.string().regex(/^[0-9a-f]{64}$/)

export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) })
