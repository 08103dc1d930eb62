import type { Registry } from 'prom-client'
import { ConfigFault, type Environment } from './service-config.js'
import type { ServiceTracing } from './service-tracing.js'

/**
 * WEIR_OTLP_URL: base URL of a collector that takes OTLP over HTTP as JSON, such as http://collector:4318; absent, nothing is
 * traced and no tracing library is loaded. WEIR_OTLP_SAMPLE: the share of requests that come without a `traceparent` and
 * are traced, from 0 to 1; default 1. A caller that has one decides by itself.
 */
export async function openTracing(of: {
  readonly service: string
  readonly env: Environment
  readonly metrics: Registry
}): Promise<ServiceTracing | undefined> {
  const url = of.env['WEIR_OTLP_URL']
  if (url === undefined || url === '') return undefined
  const settings = { service: of.service, url: collectorOf(url), share: shareOf(of.env['WEIR_OTLP_SAMPLE'] ?? '1'), metrics: of.metrics }
  // Not before: it takes time and memory that nobody pays who does not trace.
  const { openTelemetry } = await import('./open-telemetry.js')
  return openTelemetry(settings)
}

function collectorOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new ConfigFault(`WEIR_OTLP_URL is not an http(s) URL: ${text}`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/v1/traces`
}

function shareOf(text: string): number {
  const share = Number(text)
  if (!/^\d(\.\d{1,6})?$/.test(text) || share > 1) throw new ConfigFault(`WEIR_OTLP_SAMPLE is not a share from 0 to 1: ${text}`)
  return share
}
