import { createServer, type IncomingMessage } from 'node:http'

/** One span, as a collector was told. */
export interface ReceivedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  /** absent: the first of its trace */
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  /** span ids */
  readonly links: readonly string[]
  readonly failed: boolean
}

export interface TraceReceiver {
  /** for WEIR_OTLP_URL */
  readonly url: string
  /** in the order of arrival */
  readonly spans: readonly ReceivedSpan[]
  /** how many requests came */
  requests(): number
  stop(): Promise<void>
}

/** A collector that takes OTLP over HTTP as JSON, on loopback. */
export async function traceReceiver(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = []
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    void bodyOf(request).then((body) => {
      if (request.method === 'POST' && request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(body) as Export))
      else response.statusCode = 404
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the receiver does not listen')
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    requests: () => requests,
    stop: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string }
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string
        readonly spanId: string
        readonly parentSpanId?: string
        readonly name: string
        readonly attributes?: readonly Attribute[]
        readonly links?: readonly { readonly spanId: string }[]
        readonly status?: { readonly code?: number }
      }[]
    }[]
  }[]
}

const STATUS_ERROR = 2

function spansOf(body: Export): ReceivedSpan[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)['service.name'])
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ traceId, spanId, parentSpanId, name, attributes, links, status }) => ({
        service,
        traceId,
        spanId,
        ...(parentSpanId === undefined || parentSpanId === '' ? {} : { parentSpanId }),
        name,
        attributes: attributesOf(attributes ?? []),
        links: (links ?? []).map((link) => link.spanId),
        failed: status?.code === STATUS_ERROR,
      }))
  })
}

const attributesOf = (attributes: readonly Attribute[]): Record<string, string | number> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']))
