import type { IncomingHttpHeaders } from 'node:http'

/**
 * A CloudEvent in binary mode carries its attributes in `ce-` headers and its data as the body (CloudEvents 1.0.2, HTTP
 * binding). Adapters read the structured form; any other body is left alone.
 */
export function structuredFromBinary(headers: IncomingHttpHeaders, data: unknown): unknown {
  if (headers['ce-specversion'] === undefined || headers['content-type']?.toLowerCase().startsWith('application/cloudevents')) return data
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && typeof value === 'string' ? [[name.slice(3), decoded(value)] as const] : [],
  )
  return { ...Object.fromEntries(attributes), datacontenttype: headers['content-type'] ?? 'application/json', data }
}

/** Header values are percent-encoded where they leave printable ASCII; what is not well formed stays as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
