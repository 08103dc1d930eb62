import { createHash, timingSafeEqual } from 'node:crypto'
import type { MessageRuntime, Transport } from '@weir/messaging'
import type { Database } from '@weir/persistence'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { Counter, Histogram, type Registry } from 'prom-client'
import type { Parking } from './parking.js'
import { ProblemError } from './problem-error.js'
import { sendProblem } from './problem-filter.js'
import { problemOf } from './problem-of.js'

export interface OperationsSubject {
  readonly database: Database
  readonly transport: Transport
  readonly runtime: MessageRuntime
  readonly metrics: Registry
  readonly parking: Parking
  /** false once draining began */
  serving(): boolean
}

/** More unpublished events than this, or older ones, and the service should not be given more work. */
const outboxLimit = 50_000
const outboxAgeLimitMs = 60_000

/**
 * /livez: the process runs. /readyz: it may be given work; every check by name, and the reasons of a 503. For the internal token only:
 * /metrics, GET /operations/parked (what was set aside, by key) and the commands in `commands`.
 */
export function operationsRoutes(subject: OperationsSubject, internalToken: string): RequestHandler {
  const timing = new Histogram({
    name: 'weir_http_request_seconds',
    help: 'time from the request to the end of the answer',
    labelNames: ['method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [subject.metrics],
  })
  const problems = new Counter({
    name: 'weir_problems_total',
    help: 'answers that were refusals or faults, by the code of the problem',
    labelNames: ['code'],
    registers: [subject.metrics],
  })
  return (request: Request, response: Response, next: NextFunction): void => {
    const end = timing.startTimer({ method: request.method })
    response.once('finish', () => {
      end({ status: String(response.statusCode) })
      const code: unknown = response.locals['problem']
      if (typeof code === 'string') problems.inc({ code })
    })
    const command = request.method === 'POST' ? commands.get(request.path) : undefined
    if (command !== undefined) {
      if (!bearsToken(request, internalToken)) sendProblem(response, unauthorized())
      else answer(response, command(subject, request))
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next()
      return
    }
    switch (request.path) {
      case '/livez':
        response.json({ status: 'ok' })
        return
      case '/readyz':
        readiness(subject).then((checks) => answerReadiness(response, checks), next)
        return
      case '/operations/parked':
        if (!bearsToken(request, internalToken)) sendProblem(response, unauthorized())
        else answer(response, parked(subject.parking))
        return
      case '/metrics':
        if (!bearsToken(request, internalToken)) sendProblem(response, unauthorized())
        else subject.metrics.metrics().then((text) => response.type(subject.metrics.contentType).send(text), next)
        return
      default:
        next()
    }
  }
}

function answer(response: Response, work: Promise<object>): void {
  work.then(
    (body) => response.json(body),
    (error: unknown) => sendProblem(response, problemOf(error)),
  )
}

async function parked(parking: Parking): Promise<object> {
  return { items: await parking.list() }
}

/** What somebody has to decide who knows what happened. Each may be sent again. */
const commands: ReadonlyMap<string, (subject: OperationsSubject, request: Request) => Promise<object>> = new Map([
  /** ?key=… handles the parked messages of a key again. */
  ['/operations/redrive', ({ parking }, request) => redrive(parking, request)],
  /** ?minutes=… publishes again what this service wrote within them: for a log that lost its end. */
  ['/operations/republish', ({ runtime }, request) => republish(runtime, request)],
  /** ?topic=…&partition=… accepts that messages are gone from a partition that stands still for it. */
  ['/operations/skip-gap', ({ runtime }, request) => skipGap(runtime, request)],
])

async function redrive(parking: Parking, request: Request): Promise<object> {
  const key = request.query['key']
  if (typeof key === 'string' && key !== '') return { redriven: await parking.redrive(key) }
  throw new ProblemError({ status: 422, code: 'key-missing', title: 'The query must name the key whose messages are parked.' })
}

const MOST_MINUTES = 24 * 60

async function republish(runtime: OperationsSubject['runtime'], request: Request): Promise<object> {
  const minutes = wholeNumber(request.query['minutes'])
  if (minutes !== undefined && minutes >= 1 && minutes <= MOST_MINUTES) return { republished: await runtime.republish(minutes) }
  throw new ProblemError({
    status: 422,
    code: 'minutes-missing',
    title: `The query must name from how many minutes events are published again, 1 to ${MOST_MINUTES}: the outbox is kept for a day.`,
  })
}

async function skipGap(runtime: OperationsSubject['runtime'], request: Request): Promise<object> {
  const { topic } = request.query
  const partition = wholeNumber(request.query['partition'])
  if (typeof topic !== 'string' || partition === undefined) {
    throw new ProblemError({ status: 422, code: 'partition-missing', title: 'The query must name topic and partition.' })
  }
  const skipped = await runtime.skipGap({ topic, partition })
  if (skipped !== undefined) return { skipped }
  throw new ProblemError({ status: 409, code: 'no-gap', title: 'This partition does not stand still for messages that are gone.' })
}

const wholeNumber = (given: unknown): number | undefined =>
  typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : undefined

type Checks = Readonly<Record<string, string | undefined>>

function answerReadiness(response: Response, checks: Checks): void {
  const reasons = Object.entries(checks).filter((check): check is [string, string] => check[1] !== undefined)
  const ready = reasons.length === 0
  response.status(ready ? 200 : 503).json({
    status: ready ? 'ready' : 'not-ready',
    reasons: Object.fromEntries(reasons),
    checks: Object.fromEntries(Object.entries(checks).map(([name, reason]) => [name, reason ?? 'ok'])),
  })
}

/** By name, undefined where all is well. */
async function readiness(subject: OperationsSubject): Promise<Checks> {
  return {
    service: subject.serving() ? undefined : 'is stopping',
    database: await databaseTrouble(subject.database),
    transport: subject.transport.trouble(),
    consumer: subject.runtime.trouble(),
    outbox: outboxTrouble(subject.runtime),
  }
}

function outboxTrouble(runtime: MessageRuntime): string | undefined {
  const [depth, ageMs] = [runtime.unitOfWork.outboxDepth(), runtime.outboxAgeMs()]
  if (depth > outboxLimit) return `${depth} events are not published yet`
  if (ageMs > outboxAgeLimitMs) return `an event has been waiting for ${Math.floor(ageMs / 1000)} s to be published`
  return undefined
}

async function databaseTrouble(database: Database): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((done) => {
    timer = setTimeout(() => done('no answer within 2 s'), 2_000)
  })
  const probe = database.query('select 1').then(
    () => undefined,
    () => 'does not answer',
  )
  try {
    return await Promise.race([probe, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets only the gateway in; /livez and /readyz are answered before. */
export function internalOnly(internalToken: string): RequestHandler {
  return (request, response, next) => {
    if (bearsToken(request, internalToken)) next()
    else sendProblem(response, unauthorized())
  }
}

function bearsToken(request: Request, token: string): boolean {
  const given = request.headers.authorization ?? ''
  // Digests have one length, so the comparison tells nothing about the token.
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(`Bearer ${token}`))
}

const unauthorized = (): ProblemError =>
  new ProblemError({
    status: 401,
    code: 'internal-only',
    title: 'This port is for the gateway.',
    headers: { 'www-authenticate': 'Bearer' },
  })
