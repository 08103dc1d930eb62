/** Where a running installation is and who may do what there. */
export interface Access {
  /** no trailing slash */
  readonly url: string
  readonly apiKey: string
  readonly officerKeys: readonly string[]
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** default: the platform's key; `none`: no key at all */
  readonly as?: 'platform' | 'officer-1' | 'officer-2' | 'none'
  /** an object is sent as JSON, a text as it is */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  readonly text: string
  /** undefined: the body is not JSON */
  readonly json: unknown
}

export class WeirClient {
  constructor(readonly access: Access) {}

  async call(call: Call): Promise<Reply> {
    const key = this.keyOf(call.as ?? 'platform')
    const response = await fetch(`${this.access.url}${call.path}`, {
      method: call.method ?? 'GET',
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    return { status: response.status, text, json: jsonOf(text) }
  }

  /** A file's bytes, with the platform's key. */
  async download(path: string): Promise<Uint8Array> {
    const response = await fetch(`${this.access.url}${path}`, {
      headers: { authorization: `Bearer ${this.access.apiKey}` },
      signal: AbortSignal.timeout(60_000),
    })
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** The reply to a call that must succeed. */
  async must(call: Call, statuses: readonly number[] = [200, 201, 202]): Promise<Reply> {
    const reply = await this.call(call)
    if (statuses.includes(reply.status)) return reply
    throw new Error(`${call.method ?? 'GET'} ${call.path} answered ${reply.status}: ${reply.text.slice(0, 500)}`)
  }

  private keyOf(as: NonNullable<Call['as']>): string | undefined {
    const { apiKey, officerKeys } = this.access
    switch (as) {
      case 'platform':
        return apiKey
      case 'officer-1':
        return officerKeys[0]
      case 'officer-2':
        return officerKeys[1]
      case 'none':
        return undefined
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member of an unknown value; undefined where there is none. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map<string, unknown>(Object.entries(value)).get(name) : undefined
