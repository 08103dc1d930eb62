import { createHash, randomUUID } from 'node:crypto'
import {
  answer,
  importReport,
  parkedKeys,
  pendingRequest,
  redriven,
  reportReleased,
  sourceResults,
  type Answer,
  type ImportedCustomer,
  type ImportReport,
  type ParkedKeys,
  type RedriveCommand,
  type ReportReleased,
  type SourceResults,
  type SubmittedRequest,
} from '@weir/contracts'
import { z } from 'zod'
import { Connection, type ConnectionOptions } from './connection.js'

/** Pending is no answer: the platform waits, asks again with `get`, and gives nothing out meanwhile. */
export type Asked = { readonly state: 'answered'; readonly answer: Answer } | { readonly state: 'pending'; readonly id: string }

export interface Keyed {
  /** the same key means the same command; default: one per call, so that a repetition inside it changes nothing twice */
  readonly idempotencyKey?: string | undefined
}

export interface ReportPeriod {
  readonly template?: 'decisions'
  /** ISO 8601 with a zone; the first instant of the period */
  readonly from: string
  /** the first instant after the period */
  readonly to: string
}

/** A platform's or an officer's access to one Weir. Every refusal is thrown as a `WeirError`. */
export interface WeirClient {
  /**
   * Asks, and waits for the recorded decision: `waitSeconds`, 0 to 10 (default 2). The default idempotency key is made of
   * `source` and `sourceEventId`, so the same event asked again, even after a crash, is the same request.
   */
  decide(request: SubmittedRequest, options?: Keyed & { readonly waitSeconds?: number | undefined }): Promise<Asked>
  /** Asks without waiting; answers the request's id. */
  submit(request: SubmittedRequest, options?: Keyed): Promise<{ readonly id: string }>
  /** The current answer. */
  get(id: string): Promise<Asked>
  /** c2sp.org/tlog-proof@v1 of the current answer */
  receipt(id: string): Promise<string>
  /** the exact leaf that the receipt proves */
  entry(id: string): Promise<Uint8Array>
  /** Records as the platform emits them: a value, or a text that is already JSON. Without an idempotency key the events' own ids count. */
  postSource(platform: string, body: unknown, options?: Keyed): Promise<SourceResults>
  /** Makes and releases a report. */
  report(period: ReportPeriod, options?: Keyed): Promise<ReportReleased>
  /** the newest first */
  reports(): Promise<readonly ReportReleased[]>
  /** the ZIP */
  reportPackage(reportId: string): Promise<Uint8Array>
  /** All rows or none; a text is CSV. `dryRun` only tells what would happen. */
  importCustomers(
    rows: readonly ImportedCustomer[] | string,
    options?: Keyed & { readonly dryRun?: boolean | undefined },
  ): Promise<ImportReport>
  /** What services set aside because they could not handle it. */
  parked(): Promise<ParkedKeys>
  /** Handles the parked messages of a key again; `still-failing` where one still cannot be handled. */
  redrive(command: RedriveCommand): Promise<{ readonly redriven: number }>
}

export function createClient(options: ConnectionOptions): WeirClient {
  const connection = new Connection(options)
  return { ...requests(connection), ...reports(connection), ...administration(connection) }
}

const asked = z.union([
  answer.transform((value): Asked => ({ state: 'answered', answer: value })),
  pendingRequest.transform(({ id }): Asked => ({ state: 'pending', id })),
])

const requestPath = (id: string): string => `/v1/provisioning-requests/${encodeURIComponent(id)}`
// As JSON, so that no other pair of texts reads the same.
const digest = (...parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')
const keyOf = (request: SubmittedRequest, { idempotencyKey }: Keyed): Record<string, string> => ({
  'idempotency-key': idempotencyKey ?? digest(request.source, request.sourceEventId),
})

function requests(connection: Connection): Pick<WeirClient, 'decide' | 'submit' | 'get' | 'receipt' | 'entry' | 'postSource'> {
  return {
    decide: (request, options = {}) => {
      const prefer = options.waitSeconds === undefined ? {} : { prefer: `wait=${options.waitSeconds}` }
      const headers = { ...keyOf(request, options), ...prefer }
      return connection.json({ method: 'POST', path: '/v1/provisioning-requests:decide', body: request, headers }, asked)
    },
    submit: async (request, options = {}) => {
      const call = { method: 'POST', path: '/v1/provisioning-requests:submit', body: request, headers: keyOf(request, options) } as const
      return { id: (await connection.json(call, pendingRequest)).id }
    },
    get: (id) => connection.json({ path: requestPath(id) }, asked),
    receipt: async (id) => new TextDecoder().decode(await connection.bytes({ path: `${requestPath(id)}/receipt` })),
    entry: (id) => connection.bytes({ path: `${requestPath(id)}/entry` }),
    postSource: (platform, body, { idempotencyKey } = {}) => {
      const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      return connection.json({ method: 'POST', path: `/v1/sources/${encodeURIComponent(platform)}/events`, body, headers }, sourceResults)
    },
  }
}

function reports(connection: Connection): Pick<WeirClient, 'report' | 'reports' | 'reportPackage'> {
  return {
    report: ({ template = 'decisions', from, to }, { idempotencyKey } = {}) => {
      const headers = { 'idempotency-key': idempotencyKey ?? randomUUID() }
      return connection.json({ method: 'POST', path: '/v1/reports', body: { template, from, to }, headers }, reportReleased)
    },
    reports: async () => (await connection.json({ path: '/v1/reports' }, z.object({ items: z.array(reportReleased) }))).items,
    reportPackage: (reportId) => connection.bytes({ path: `/v1/reports/${encodeURIComponent(reportId)}/package` }),
  }
}

function administration(connection: Connection): Pick<WeirClient, 'importCustomers' | 'parked' | 'redrive'> {
  return {
    importCustomers: (rows, { dryRun = false, idempotencyKey } = {}) => {
      const body = typeof rows === 'string' ? rows : JSON.stringify(rows)
      const headers = {
        'content-type': typeof rows === 'string' ? 'text/csv' : 'application/json',
        'idempotency-key': idempotencyKey ?? randomUUID(),
      }
      return connection.json({ method: 'POST', path: `/v1/customers:import${dryRun ? '?dryRun=true' : ''}`, body, headers }, importReport)
    },
    parked: () => connection.json({ path: '/v1/parked' }, parkedKeys),
    redrive: (command) => connection.json({ method: 'POST', path: '/v1/parked:redrive', body: command }, redriven),
  }
}
