import { z } from 'zod'

/** Shapes with a name of their own in the document; everything else stands where it is used. */
const named = {
  CanonicalRequest: 'canonicalRequest',
  SubmittedRequest: 'submittedRequest',
  Answer: 'answer',
  Reason: 'reason',
  Finding: 'finding',
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'stable; what programs match' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string', description: 'RFC 6901, into the request body' }, detail: { type: 'string' } },
      },
    },
  },
}

/** OpenAPI 3.1 document of the routes that the gateway serves. */
export function openApi(contracts, routes) {
  const schemas = schemasOf(contracts, routes)
  const paths = {}
  for (const route of routes) {
    const path = templated(route.path)
    paths[path] ??= {}
    paths[path][route.method.toLowerCase()] = operation(route, { path, schemaAt: (part) => schemas.inline.get(route).get(part) })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version: '1.0.0',
      description: 'Export-control gate for cloud compute.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { ...schemas.components, Problem: problemSchema },
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key; its scopes say what it may do.' } },
    },
  }
}

/** Nest writes `:id`, OpenAPI `{id}`; a colon inside a segment is part of its name (`/v1/requests:decide`). */
const templated = (path) => path.replaceAll(/\/:([A-Za-z]\w*)/g, '/{$1}')

function operation(route, { path, schemaAt }) {
  const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const parameters = [...pathParameters, ...queryParameters(schemaAt('query')), ...(route.idempotent === true ? [idempotencyKey] : [])]
  return {
    operationId: route.operationId ?? operationIdOf(route.method, path),
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.request === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaAt('request') } } } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, body]) => [status, response(Number(status), body, schemaAt(status))]),
      ),
      default: { description: 'Refused or failed.', content: problemContent },
    },
    security: route.scope === undefined ? [] : [{ key: [route.scope] }],
  }
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

const retryAfter = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } }

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description: 'Chosen by the client; the same key means the same command and gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

function queryParameters(schema) {
  if (schema === undefined) return []
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, value]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: value,
  }))
}

function response(status, body, schema) {
  const description = status < 300 ? 'Done.' : status < 400 ? 'Elsewhere.' : 'Refused.'
  if (body === 'application/problem+json') return { description, headers: retryAfter, content: problemContent }
  if (typeof body === 'string')
    return { description, ...(body.includes('/') ? { content: { [body]: { schema: { type: 'string' } } } } : {}) }
  if (schema === undefined) return { description }
  return { description, content: { [status < 400 ? 'application/json' : 'application/problem+json']: { schema } } }
}

/** `GET /v1/requests/{id}/receipt` is `get-requests-id-receipt`. */
const operationIdOf = (method, path) =>
  [method.toLowerCase(), ...path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'v1')].join('-')

/** All schemas in one registry, so that a named shape inside another becomes a reference. */
function schemasOf(contracts, routes) {
  const registry = z.registry()
  const keyOf = new Map()
  const add = (schema, id) => {
    if (schema === undefined || typeof schema === 'string' || keyOf.has(schema)) return
    keyOf.set(schema, id)
    registry.add(schema, { id })
  }
  for (const [id, name] of Object.entries(named)) if (contracts[name] !== undefined) add(contracts[name], id)
  const parts = routes.flatMap((route) =>
    Object.entries({ request: route.request, query: route.query, ...route.responses }).map(([part, schema]) => ({
      route,
      part,
      schema,
      id: `${pascal(route.operationId ?? operationIdOf(route.method, templated(route.path)))}${pascal(part)}`,
    })),
  )
  for (const { schema, id } of parts) add(schema, id)
  const { schemas } = z.toJSONSchema(registry, { io: 'input', target: 'draft-2020-12', uri: (id) => `#/components/schemas/${id}` })
  const plain = new Map(Object.entries(schemas).map(([id, { $schema: _, $id: __, id: ___, ...schema }]) => [id, schema]))
  // What another shape holds needs a name as well.
  const pointedAt = new Set([...JSON.stringify([...plain.values()]).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id))
  const components = Object.fromEntries([...plain].filter(([id]) => Object.hasOwn(named, id) || pointedAt.has(id)))
  const use = (id) => (Object.hasOwn(components, id) ? { $ref: `#/components/schemas/${id}` } : plain.get(id))
  const inline = new Map(routes.map((route) => [route, new Map()]))
  for (const { route, part, schema } of parts) if (keyOf.has(schema)) inline.get(route).set(part, use(keyOf.get(schema)))
  return { components, inline }
}

const pascal = (words) =>
  words
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
