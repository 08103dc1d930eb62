import { NotFoundException } from '@nestjs/common'
import { z } from 'zod'
import { parseBody } from './parse-body.js'
import { ProblemError } from './problem-error.js'
import { problemOf } from './problem-of.js'
import { actorOf, requireIdempotencyKey } from './request-headers.js'

const caught = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

describe('problems', () => {
  it.each([
    ['malformed JSON', Object.assign(new SyntaxError('Unexpected token'), { type: 'entity.parse.failed' }), 400, 'malformed-json'],
    ['a body over the limit', Object.assign(new Error('request entity too large'), { type: 'entity.too.large' }), 413, 'body-too-large'],
    ['an unknown path', new NotFoundException('Cannot GET /x'), 404, 'not-found'],
    ['a lost database', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 503, 'database-unavailable'],
    ['a wrapped serialization failure', new Error('query', { cause: { code: '40001' } }), 503, 'database-unavailable'],
    ['anything else', new Error('secret of ours'), 500, 'internal'],
  ])('of %s', (_name, error, status, code) => {
    const problem = problemOf(error)

    expect(problem.body).toMatchObject({ status, code, type: `urn:weir:problem:${code}` })
    expect(JSON.stringify(problem.body)).not.toContain('secret of ours')
  })

  it('of a lost database says when to come back', () => {
    expect(problemOf(Object.assign(new Error('x'), { code: '57P01' })).headers).toEqual({ 'retry-after': '2' })
  })

  it('passes a ProblemError on as it is', () => {
    const problem = new ProblemError({ status: 409, code: 'case-closed', title: 'The case is closed.' })

    expect(problemOf(problem)).toBe(problem)
  })

  it('points at each violation of a body', () => {
    const schema = z.strictObject({ parties: z.array(z.object({ name: z.string() })), 'a/b': z.number() })

    const error = caught(() => parseBody(schema, { parties: [{ name: 1 }], 'a/b': 'x', more: true }))

    expect(error).toMatchObject({ status: 422, code: 'invalid-body' })
    expect(
      problemOf(error)
        .body.errors?.map(({ pointer }) => pointer)
        .sort(),
    ).toEqual(['/a~1b', '/more', '/parties/0/name'])
  })
})

describe('request headers', () => {
  it('say who asks and what they may', () => {
    expect(actorOf({ 'weir-actor': 'officer:ada', 'weir-scopes': 'cases:read  cases:act' })).toEqual({
      name: 'officer:ada',
      scopes: ['cases:read', 'cases:act'],
    })
    expect(caught(() => actorOf({}))).toMatchObject({ status: 401 })
  })

  it('carry an idempotency key of visible characters', () => {
    expect(requireIdempotencyKey({ 'idempotency-key': 'order-7' })).toBe('order-7')
    expect(caught(() => requireIdempotencyKey({}))).toMatchObject({ code: 'idempotency-key-missing' })
    expect(caught(() => requireIdempotencyKey({ 'idempotency-key': 'a b' }))).toMatchObject({ code: 'idempotency-key-invalid' })
  })
})
