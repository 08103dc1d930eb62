import { problem } from '@weir/contracts'
import type { z } from 'zod'
import { WeirError } from './weir-error.js'

export interface ConnectionOptions {
  /** of the gateway */
  readonly url: string
  readonly apiKey: string
  readonly fetch?: typeof fetch | undefined
  /** for one try; default 60 */
  readonly timeoutSeconds?: number | undefined
  /** how often a call is repeated that the gateway had no room for (429, 503); default 4 */
  readonly retries?: number | undefined
  /** the longest pause before a repetition, whatever Retry-After asks for; default 10 */
  readonly maxRetryPauseSeconds?: number | undefined
  /** how to pause; default: a timer */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT'
  /** with its query */
  readonly path: string
  /** a text is sent as it is, with the content type that the headers state */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const timer = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** One gateway and one key: calls, repetitions, problems. */
export class Connection {
  private readonly base: string

  constructor(private readonly options: ConnectionOptions) {
    this.base = options.url.replace(/\/+$/, '')
  }

  async json<Schema extends z.ZodType>(call: Call, schema: Schema): Promise<z.infer<Schema>> {
    const response = await this.send(call)
    const text = await this.textOf(response)
    const parsed = schema.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data
    throw new WeirError({
      type: 'urn:weir:problem:unreadable-answer',
      code: 'unreadable-answer',
      title: 'The answer does not have the form that this client knows.',
      status: response.status,
      detail: `${call.method ?? 'GET'} ${call.path}: ${parsed.error.issues[0]?.path.join('/') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`,
    })
  }

  async bytes(call: Call): Promise<Uint8Array> {
    const response = await this.send(call)
    return new Uint8Array(await response.arrayBuffer().catch(unreachable))
  }

  /** The answer to a call that succeeded. */
  private async send(call: Call): Promise<Response> {
    const { retries = 4, maxRetryPauseSeconds = 10, pause = timer } = this.options
    for (let repeated = 0; ; repeated++) {
      const response = await this.once(call)
      if (response.ok) return response
      const busy = response.status === 429 || response.status === 503
      if (!busy || repeated >= retries) throw problemOf(response.status, await this.textOf(response))
      await response.body?.cancel()
      const asked = retryAfterSeconds(response.headers.get('retry-after')) ?? 0.25 * 2 ** repeated
      await pause(1000 * Math.min(asked, maxRetryPauseSeconds))
    }
  }

  private once({ method = 'GET', path, body, headers }: Call): Promise<Response> {
    const send = this.options.fetch ?? fetch
    return send(`${this.base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.options.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(1000 * (this.options.timeoutSeconds ?? 60)),
    }).catch(unreachable)
  }

  private textOf(response: Response): Promise<string> {
    return response.text().catch(unreachable)
  }
}

function unreachable(cause: unknown): never {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const title = 'The gateway did not answer.'
  const detail = inner instanceof Error ? inner.message || inner.name : String(inner)
  throw new WeirError({ type: 'urn:weir:problem:unreachable', code: 'unreachable', title, status: 0, detail }, { cause })
}

function problemOf(status: number, text: string): WeirError {
  const stated = problem.safeParse(jsonOf(text))
  if (stated.success) return new WeirError(stated.data)
  const title = `The gateway answered ${status}.`
  return new WeirError({ type: `urn:weir:problem:http-${status}`, code: `http-${status}`, title, status, detail: text.slice(0, 300) })
}

/** Seconds or an HTTP date (RFC 9110); undefined: neither. */
function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header)
  const until = Date.parse(header)
  return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1000)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
