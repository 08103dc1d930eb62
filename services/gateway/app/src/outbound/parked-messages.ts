import { problem, redriven, serviceNames, type ParkedKeys, type RedriveCommand } from '@weir/contracts'
import { ProblemError, type InternalAccess, type Parking } from '@weir/service-host'
import { z } from 'zod'

type Service = RedriveCommand['service']
type Item = ParkedKeys['items'][number]

const told = z.object({
  items: z.array(
    z.object({ key: z.string().optional(), messages: z.int(), topics: z.array(z.string()), since: z.string(), error: z.string() }),
  ),
})

const TELL_WITHIN_MS = 5_000
const REDRIVE_WITHIN_MS = 60_000

/** What every service set aside, the gateway included: asked of each at its own port, with the internal token. */
export class ParkedMessages {
  constructor(
    private readonly own: Parking,
    private readonly internal: InternalAccess | undefined,
  ) {}

  async list(): Promise<ParkedKeys> {
    const answers = await Promise.all(
      serviceNames.map(async (service) => ({ service, items: await this.of(service).catch(() => undefined) })),
    )
    return {
      items: answers.flatMap(({ items = [] }) => items).toSorted((a, b) => a.since.localeCompare(b.since)),
      unknown: answers.filter(({ items }) => items === undefined).map(({ service }) => service),
    }
  }

  async redrive({ service, key }: RedriveCommand): Promise<number> {
    if (service === 'gateway') return await this.own.redrive(key)
    const path = `/operations/redrive?key=${encodeURIComponent(key)}`
    const response = await this.ask(service, { method: 'POST', path, withinMs: REDRIVE_WITHIN_MS })
    const json: unknown = await response.json().catch(() => undefined)
    if (response.ok) return redriven.parse(json).redriven
    throw problemFrom(json) ?? unavailable(`It answered ${response.status}.`)
  }

  private async of(service: Service): Promise<Item[]> {
    if (service === 'gateway')
      return (await this.own.list()).map(({ key, since, messages, topics, error }) => ({
        service,
        ...(key === undefined ? {} : { key }),
        messages,
        topics: [...topics],
        since: since.toISOString(),
        error,
      }))
    const response = await this.ask(service, { method: 'GET', path: '/operations/parked', withinMs: TELL_WITHIN_MS })
    return told.parse(await response.json()).items.map((item) => ({ service, ...item }))
  }

  private async ask(
    service: Service,
    { method, path, withinMs }: { readonly method: string; readonly path: string; readonly withinMs: number },
  ): Promise<Response> {
    const { urls, token } = this.internal ?? { urls: {}, token: '' }
    const url = urls[service]
    if (url === undefined) throw unavailable('It is not configured.')
    const init = { method, headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(withinMs) }
    return await fetch(`${url}${path}`, init).catch(() => {
      throw unavailable('It does not answer; whether the messages were handled is not known.')
    })
  }
}

function problemFrom(json: unknown): ProblemError | undefined {
  const stated = problem.safeParse(json)
  // 401 would tell the caller of a key that is not the caller's.
  if (!stated.success || stated.data.status === 401) return undefined
  const { status, code, title, detail } = stated.data
  const headers = status === 503 ? { 'retry-after': '2' } : {}
  return new ProblemError({ status, code, title, ...(detail === undefined ? {} : { detail }), headers })
}

const unavailable = (detail: string): ProblemError =>
  new ProblemError({
    status: 503,
    code: 'owner-unavailable',
    title: 'The service that owns this is not reachable.',
    detail,
    headers: { 'retry-after': '2' },
  })
