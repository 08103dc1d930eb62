import { ProblemError } from './problem-error.js'

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface Actor {
  readonly name: string
  readonly scopes: readonly string[]
}

/** Who asks, as the gateway found out. The host lets only the gateway through, so the headers are true. */
export function actorOf(headers: RequestHeaders): Actor {
  const name = single(headers, 'weir-actor')
  if (name === undefined || name === '') {
    throw new ProblemError({ status: 401, code: 'actor-missing', title: 'The request does not say who asks.' })
  }
  return { name, scopes: (single(headers, 'weir-scopes') ?? '').split(' ').filter((scope) => scope !== '') }
}

/** 1 to 255 visible ASCII characters, chosen by the client; the same key means the same command. */
export function requireIdempotencyKey(headers: RequestHeaders): string {
  const key = single(headers, 'idempotency-key')
  if (key === undefined || key === '') {
    throw new ProblemError({
      status: 400,
      code: 'idempotency-key-missing',
      title: 'The header Idempotency-Key is required.',
      detail: 'Send a value of your own, the same for every repetition of this command.',
    })
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ProblemError({
      status: 400,
      code: 'idempotency-key-invalid',
      title: 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.',
    })
  }
  return key
}

function single(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
