import { request as httpRequest } from 'node:http'
import { pipeline } from 'node:stream'
import { ProblemError } from '@weir/service-host'
import type { InternalAccess } from '@weir/service-host'
import type { Request, RequestHandler, Response } from 'express'
import type { ApiKeys, Caller, Scope } from './api-keys.js'

interface Area {
  readonly service: string
  readonly read: Scope
  readonly write: Scope
}

/** Whose is what under `/v1/`; everything else the gateway answers itself. */
const areas = new Map<string, Area>(
  Object.entries({
    customers: { service: 'identity', read: 'customers:read', write: 'customers:write' },
    tenants: { service: 'identity', read: 'customers:read', write: 'customers:write' },
    lists: { service: 'identity', read: 'customers:read', write: 'customers:write' },
    skus: { service: 'classification', read: 'catalog:read', write: 'catalog:write' },
    cases: { service: 'adjudication', read: 'cases:read', write: 'cases:act' },
    licenses: { service: 'adjudication', read: 'licenses:read', write: 'licenses:write' },
    packs: { service: 'adjudication', read: 'policy:read', write: 'policy:read' },
    reports: { service: 'reports', read: 'reports:read', write: 'reports:write' },
    ledger: { service: 'ledger', read: 'ledger:read', write: 'ledger:read' },
  } satisfies Record<string, Area>),
)

const OWNER_TIMEOUT_MS = 60_000

/** What goes on of a request's headers; the caller's key stays here. */
const passedOn = ['content-type', 'content-length', 'accept', 'idempotency-key', 'if-match', 'traceparent', 'prefer'] as const
const passedBack = ['content-type', 'content-length', 'content-disposition', 'cache-control', 'etag', 'location', 'retry-after'] as const

/** Answers `/v1/<area>` and `/ledger/` by asking the owner, as the caller that the gateway authenticated. */
export function forwardToOwners(keys: ApiKeys, internal: InternalAccess): RequestHandler {
  return (request, response, next) => {
    const path = request.path
    if (climbs(path)) {
      next()
      return
    }
    if (path.startsWith('/ledger/') && (request.method === 'GET' || request.method === 'HEAD')) {
      forward({ request, response, next }, { url: internal.urls['ledger'], token: internal.token, caller: { name: 'public', scopes: [] } })
      return
    }
    const area = areas.get(/^\/v1\/([a-z-]+)(?=[/:]|$)/.exec(path)?.[1] ?? '')
    if (area === undefined) {
      next()
      return
    }
    const scope = request.method === 'GET' || request.method === 'HEAD' ? area.read : area.write
    const caller = keys.require(request.headers.authorization, scope)
    forward({ request, response, next }, { url: internal.urls[area.service], token: internal.token, caller })
  }
}

/** A segment `..`, however written, could lead out of the area that the key was checked for, to what only operators may ask. */
const climbs = (path: string): boolean => path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))

interface Exchange {
  readonly request: Request
  readonly response: Response
  readonly next: (error?: unknown) => void
}

function forward({ request, response, next }: Exchange, to: { url: string | undefined; token: string; caller: Caller }): void {
  if (to.url === undefined) {
    next(unavailable('It is not configured. Nothing was changed.'))
    return
  }
  // Danger: never resolved against the owner's URL, which a target with a host of its own would replace.
  const path = request.path + (/\?.*$/s.exec(request.originalUrl)?.[0] ?? '')
  const outgoing = httpRequest(to.url, { path, method: request.method, headers: headersOf(request, to), timeout: OWNER_TIMEOUT_MS })
  outgoing.once('timeout', () => outgoing.destroy(new Error('the owner takes too long')))
  // Whoever hung up gets no answer, and to pipe one to him would throw.
  response.once('close', () => {
    if (!response.writableFinished) outgoing.destroy()
  })
  outgoing.once('response', (answer) => {
    if (response.destroyed) {
      answer.destroy()
      return
    }
    response.status(answer.statusCode ?? 502)
    for (const name of passedBack) {
      const value = answer.headers[name]
      if (value !== undefined) response.setHeader(name, value)
    }
    pipeline(answer, response, () => undefined)
  })
  let failed = false
  outgoing.on('error', () => {
    if (failed || response.destroyed) return
    failed = true
    if (response.headersSent) response.destroy()
    else next(unavailable('It does not answer. Whether it did what was asked is unknown; the same idempotency key finds out.'))
  })
  pipeline(request, outgoing, () => undefined)
}

function headersOf(request: Request, to: { readonly token: string; readonly caller: Caller }): Record<string, string> {
  const kept = passedOn.flatMap((name) => {
    const value = request.headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  return {
    ...Object.fromEntries(kept),
    authorization: `Bearer ${to.token}`,
    'weir-actor': to.caller.name,
    'weir-scopes': to.caller.scopes.join(' '),
  }
}

const unavailable = (why: string): ProblemError =>
  new ProblemError({
    status: 503,
    code: 'owner-unavailable',
    title: 'The service that owns this is not reachable.',
    detail: why,
    headers: { 'retry-after': '2' },
  })
