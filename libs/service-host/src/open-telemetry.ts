import { setTimeout as delay } from 'node:timers/promises'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span, type Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace'
import type { HandlingTrace, OutgoingMessage, Received, ReceivedRaw, Tracing } from '@weir/messaging'
import type { Request, RequestHandler, Response } from 'express'
import { Counter, type Registry } from 'prom-client'
import type { ServiceTracing } from './service-tracing.js'

interface OpenTelemetryParts {
  readonly service: string
  readonly url: string
  readonly share: number
  readonly metrics: Registry
}

const SENT_EVERY_MS = 1_000
const SENT_WITHIN_MS = 5_000
const KEPT_SPANS = 8_192
const LINKS = 512

/**
 * Spans name methods, routes, topics, kinds of event and ids of events and requests: never a customer, a body or the words
 * of an error, because collectors are read by others than the ledger is.
 */
export function openTelemetry({ service, url, share, metrics }: OpenTelemetryParts): ServiceTracing {
  const exporter = counting(new OTLPTraceExporter({ url, timeoutMillis: SENT_WITHIN_MS }), metrics)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.namespace': 'weir', 'service.name': service }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanLimits: { linkCountLimit: LINKS },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: SENT_EVERY_MS,
        exportTimeoutMillis: SENT_WITHIN_MS,
        maxQueueSize: KEPT_SPANS,
      }),
    ],
  })
  const tracer = provider.getTracer('weir')
  return {
    messages: new MessageTracing(tracer),
    http: tracedHttp(tracer),
    // What is not taken now is lost, which is counted; a service that stops must not fail by it.
    close: () => Promise.race([provider.shutdown().catch(() => undefined), delay(SENT_WITHIN_MS, undefined, { ref: false })]),
  }
}

/** Spans that a collector does not take are lost, and counted. */
function counting(exporter: SpanExporter, metrics: Registry): SpanExporter {
  const lost = new Counter({ name: 'weir_spans_lost_total', help: 'spans that the collector did not take', registers: [metrics] })
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined) lost.inc(spans.length)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

/** Probes come every few seconds and would hide what is looked for. */
const unseen = new Set(['/livez', '/readyz', '/metrics'])

function tracedHttp(tracer: Tracer): RequestHandler {
  return (request, response, next) => {
    if (unseen.has(request.path)) {
      next()
      return
    }
    const attributes = { 'http.request.method': request.method }
    const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes }, parentOf(request.headers['traceparent']))
    // What this request causes belongs below it, whoever reads the header.
    request.headers['traceparent'] = traceparentOf(span)
    response.once('close', () => endHttp(span, request, response))
    next()
  }
}

function endHttp(span: Span, request: Request, response: Response): void {
  const route = routeOf(request)
  if (route !== undefined) {
    span.updateName(`${request.method} ${route}`)
    span.setAttribute('http.route', route)
  }
  span.setAttribute('http.response.status_code', response.statusCode)
  const problem: unknown = response.locals['problem']
  if (typeof problem === 'string') span.setAttribute('error.type', problem)
  if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

/** As the code spells it, and for what is handed on its area: the path itself may name a customer. */
function routeOf(request: Request): string | undefined {
  const route: unknown = request.route
  const path = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined
  if (typeof path === 'string') return path.replaceAll('\\', '')
  return /^\/(?:v1|ledger)\/[a-z-]{1,30}/.exec(request.path)?.[0]
}

class MessageTracing implements Tracing {
  constructor(private readonly tracer: Tracer) {}

  handling(): HandlingTrace {
    const batch = this.tracer.startSpan('transaction', { kind: SpanKind.INTERNAL }, ROOT_CONTEXT)
    const spans: Span[] = []
    return {
      event: (event) => {
        const span = this.startEvent(event, batch)
        spans.push(span)
        return below(event, traceparentOf(span))
      },
      end: (error) => {
        batch.setAttribute('weir.events', spans.length)
        for (const span of [...spans, batch]) end(span, error)
      },
    }
  }

  private startEvent(event: Received | ReceivedRaw, batch: Span): Span {
    const given = 'type' in event ? event.traceparent : event.headers['traceparent']
    const name = 'type' in event ? event.type : event.topic
    const requestId = 'type' in event && 'requestId' in event.data ? event.data.requestId : undefined
    const attributes: Attributes = {
      'messaging.system': 'weir',
      'messaging.operation.type': 'process',
      'messaging.message.id': event.id,
      ...(typeof requestId === 'string' ? { 'weir.request': requestId } : {}),
    }
    const links = [{ context: batch.spanContext() }]
    const span = this.tracer.startSpan(`process ${name}`, { kind: SpanKind.CONSUMER, attributes, links }, parentOf(given))
    batch.addLink({ context: span.spanContext() })
    return span
  }

  publishing(messages: readonly OutgoingMessage[]): (error?: unknown) => void {
    const spans = messages.flatMap(({ topic, headers }) => {
      const parent = parentOf(headers['traceparent'])
      // Nobody asked for what it belongs to: a span of its own would hang nowhere.
      if (parent === ROOT_CONTEXT) return []
      const attributes: Attributes = {
        'messaging.system': 'weir',
        'messaging.operation.type': 'send',
        'messaging.destination.name': topic,
        ...(headers['ce_id'] === undefined ? {} : { 'messaging.message.id': headers['ce_id'] }),
      }
      return [this.tracer.startSpan(`publish ${headers['ce_type'] ?? topic}`, { kind: SpanKind.PRODUCER, attributes }, parent)]
    })
    return (error) => {
      for (const span of spans) end(span, error)
    }
  }
}

function below<T extends Received | ReceivedRaw>(event: T, traceparent: string): T {
  return 'type' in event ? { ...event, traceparent } : { ...event, headers: { ...event.headers, traceparent } }
}

function end(span: Span, error: unknown): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end()
}

/** W3C trace context; what is no valid parent is none, as the recommendation wants it. */
function parentOf(traceparent: string | string[] | undefined): Context {
  const found = typeof traceparent === 'string' ? FORM.exec(traceparent) : null
  const [, traceId = '', spanId = '', flags = '00'] = found ?? []
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  return trace.isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT
}

const FORM = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
