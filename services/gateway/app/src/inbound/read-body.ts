import { ProblemError } from '@weir/service-host'
import express, { type Request, type Response } from 'express'

export const BODY_LIMIT_BYTES = 256 * 1024

const raw = express.raw({ type: () => true, limit: BODY_LIMIT_BYTES })

/** The body's bytes; called only after the caller is known, so that strangers cannot make us read. 413 above the limit. */
export async function readBody(request: Request, response: Response): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    raw(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(problemOf(error))))
  })
  const body: unknown = request.body
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

function problemOf(error: unknown): Error {
  const { type, status } = error as { type?: unknown; status?: unknown }
  if (type === 'entity.too.large') {
    return new ProblemError({
      status: 413,
      code: 'body-too-large',
      title: `A body may have ${BODY_LIMIT_BYTES} bytes.`,
      detail: 'Split it.',
    })
  }
  if (typeof status === 'number' && status < 500) {
    return new ProblemError({ status, code: 'body-unreadable', title: 'The body could not be read.', detail: String(type) })
  }
  return error instanceof Error ? error : new Error(String(error))
}

/** The body as JSON; 400 with the parser's words otherwise. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch (error) {
    throw new ProblemError({
      status: 400,
      code: 'malformed-json',
      title: 'The body is not JSON.',
      detail: error instanceof Error ? error.message.slice(0, 200) : 'unreadable',
    })
  }
}
