import type { IncomingMessage } from 'node:http'
import { ProblemError } from '@weir/service-host'

/** The media type of the body, without parameters, in lower case. */
export const mediaTypeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

/** Reads a body that the host's JSON parser left alone. */
export async function readTextBody(request: IncomingMessage, limitMb: number): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new ProblemError({ status: 415, code: 'unsupported-encoding', title: 'The body has an encoding that is not read.' })
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limitMb * 1_000_000) {
      const detail = `At most ${limitMb} MB are read.`
      throw new ProblemError({
        status: 413,
        code: 'body-too-large',
        title: 'The body is too large.',
        detail,
        headers: { connection: 'close' },
      })
    }
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new ProblemError({ status: 400, code: 'not-utf-8', title: 'The body is not UTF-8 text.' })
  }
}
