import { asked, ignored, invalid, missing, unreadable, type AdaptedEvent, type AdapterContext } from '../adapted-event.js'
import type { ActOutcome, CanonicalRequest, CountRange, RequestAction } from '../canonical-request.js'
import { entrypointHints } from '../hints.js'
import { instantOfSeconds } from '../instant.js'
import { at, idText, isCount, isFields, list, text, type Fields } from '../read.js'
import { range, request, stated, totalsOf } from '../request-builder.js'
import { qualified } from '../tenant-system.js'
import { gresSkus, slurmNumber, type Multipliers } from './slurm-tres.js'

interface State {
  action: RequestAction
  enforcement: 'pre' | 'post'
  outcome: ActOutcome
}

const WAITING = new Set(['PENDING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD'])
const RUNNING = new Set(['RUNNING', 'COMPLETING', 'CONFIGURING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT', 'RESIZING'])

/** A job that ended after it ran gave its nodes back; one that ended before never had any. */
function stateOf(job: unknown, isSubmit: boolean): State | undefined {
  if (isSubmit) return { action: 'create', enforcement: 'pre', outcome: 'pending' }
  const stated = at(job, 'job_state')
  const names = (Array.isArray(stated) ? list(stated) : [stated]).flatMap((name) => text(name, 100)?.toUpperCase() ?? [])
  if (names.length === 0) return undefined
  if (names.some((name) => WAITING.has(name))) return { action: 'create', enforcement: 'pre', outcome: 'pending' }
  if (names.some((name) => RUNNING.has(name))) return { action: 'create', enforcement: 'post', outcome: 'succeeded' }
  const ran = text(at(job, 'nodes'), 10_000) !== undefined && (slurmNumber(at(job, 'start_time')) ?? 0) > 0
  if (ran) return { action: 'delete', enforcement: 'post', outcome: 'succeeded' }
  return { action: 'create', enforcement: 'post', outcome: 'failed' }
}

function submitNodes(job: unknown): CountRange | 'invalid' {
  const written = text(at(job, 'nodes'), 40)
  const parts = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(written ?? '')
  if (written !== undefined && !parts) return 'invalid'
  const min = slurmNumber(parts?.[1] ?? at(job, 'nodes') ?? at(job, 'minimum_nodes'))
  const max = slurmNumber(parts ? (parts[2] ?? parts[1]) : (at(job, 'maximum_nodes') ?? at(job, 'nodes') ?? at(job, 'minimum_nodes')))
  if (min !== undefined || max !== undefined) return range(min ?? 1, max ?? min) ?? 'invalid'
  const [tasks, each] = [slurmNumber(at(job, 'tasks')), slurmNumber(at(job, 'tasks_per_node'))]
  return range(isCount(tasks) && isCount(each) ? Math.ceil(tasks / each) : 1) ?? 'invalid'
}

function nodesOf(job: unknown, isSubmit: boolean): CountRange | 'invalid' | undefined {
  if (isSubmit) return submitNodes(job)
  const count = slurmNumber(at(job, 'node_count'))
  if (count === undefined) return undefined
  const most = slurmNumber(at(job, 'max_nodes')) ?? 0
  return range(count, Math.max(count, most)) ?? 'invalid'
}

/** How many tasks of a job array run side by side: `0-15:2%4`. */
function arrayWidth(written: string | undefined): number {
  if (written === undefined) return 1
  const [indexes = '', limit] = written.replace(/[[\]]/g, '').split('%')
  let width = 0
  for (const part of indexes.split(',')) {
    const bounds = /^(\d{1,8})(?:-(\d{1,8}))?(?::(\d{1,8}))?$/.exec(part.trim())
    if (!bounds) continue
    const [from, to, step] = [Number(bounds[1]), Number(bounds[2] ?? bounds[1]), Math.max(1, Number(bounds[3] ?? '1'))]
    width += to >= from ? Math.floor((to - from) / step) + 1 : 0
  }
  const most = Number(limit ?? '')
  return Math.max(1, Number.isInteger(most) && most > 0 ? Math.min(width, most) : width)
}

function multipliers(job: unknown, nodes: number): Multipliers {
  const perNode = slurmNumber(at(job, 'tasks_per_node'))
  const tasks = slurmNumber(at(job, 'tasks'))
  const sockets = slurmNumber(at(job, 'sockets_per_node'))
  return {
    nodes,
    tasks: isCount(tasks) ? tasks : isCount(perNode) ? perNode * nodes : nodes,
    sockets: isCount(sockets) ? sockets * nodes : undefined,
  }
}

interface Job {
  fields: Fields
  isSubmit: boolean
  script: string
}

const GRANTED = { pending: () => null, failed: () => 0, succeeded: (nodes: CountRange | undefined) => nodes?.min } as const

type Asked = Pick<CanonicalRequest, 'skus' | 'requestedCount'>

function requestOf(job: Job, { state, ask }: { state: State; ask: Asked }, context: AdapterContext): CanonicalRequest {
  const { fields } = job
  const id = idText(at(fields, 'job_id'))
  const account = text(at(fields, 'account'))
  const user = text(at(fields, 'user_name'), 500) ?? idText(at(fields, 'user_id'), 500)
  const cluster = text(at(fields, 'cluster'), 100)
  const hints = entrypointHints(`${job.script}\n${text(at(fields, 'submit_line'), 20_000) ?? ''}`)
  const released = state.action === 'delete'
  return request({
    source: 'slurm',
    sourceEventId: id,
    occurredAt: instantOfSeconds(slurmNumber(at(fields, 'submit_time'))),
    ...state,
    tenantRef: account === undefined ? undefined : { system: qualified('slurm', context), id: account },
    principal: user === undefined ? undefined : { type: 'user', id: user },
    resource: stated({ kind: 'job', id, name: text(at(fields, 'name')) }),
    region: cluster === undefined ? undefined : { raw: cluster },
    ...ask,
    grantedCount: released ? undefined : GRANTED[state.outcome](ask.requestedCount),
    accelerators: totalsOf(ask.skus),
    workloadHints: hints.length > 0 ? hints : undefined,
  })
}

function adaptJob(job: Job, context: AdapterContext): AdaptedEvent {
  const { fields, isSubmit } = job
  const where = isSubmit ? 'job' : 'jobs[]'
  const state = stateOf(fields, isSubmit)
  if (state === undefined) return missing(`${where}.job_state`)
  const nodes = nodesOf(fields, isSubmit)
  if (nodes === 'invalid') return invalid(isSubmit ? 'job.nodes' : 'jobs[].node_count')
  const width = state.outcome === 'pending' ? arrayWidth(text(at(fields, isSubmit ? 'array' : 'array_task_string'), 2000)) : 1
  const skus = gresSkus(fields, multipliers(fields, nodes?.max ?? 1), context)?.map((sku) => ({ ...sku, count: sku.count * width }))
  if (skus === undefined || skus.some((sku) => !isCount(sku.count))) return invalid(`${where}.tres_per_*`)
  const requestedCount = nodes && range(nodes.min, nodes.max * width)
  if (nodes !== undefined && requestedCount === undefined) return invalid(`${where}.array`)
  const id = idText(at(fields, 'job_id'))
  const key = [qualified('slurm', context), text(at(fields, 'cluster'), 100) ?? '', id ?? ''].join(':')
  const names = [id === undefined ? [] : [key]].flat()
  const made = requestOf(job, { state, ask: { skus, requestedCount } }, context)
  return asked(made, { detail: isSubmit ? 'job submission' : `job ${id ?? ''}`, actKey: names[0], resourceIds: names })
}

function jobsOf(body: unknown): Job[] | AdaptedEvent {
  if (!isFields(body)) return unreadable('not-the-format', 'a job or a list of jobs is a JSON object')
  const script = text(at(body, 'script'), 200_000) ?? ''
  const listed = at(body, 'jobs')
  const found = Array.isArray(listed) ? list(listed) : [at(body, 'job') ?? (Object.hasOwn(body, 'job_id') ? body : undefined)]
  if (found.length === 0) return ignored('empty', 'jobs is empty')
  const jobs = found.filter((fields) => isFields(fields))
  if (jobs.length !== found.length) return missing(Array.isArray(listed) ? 'jobs[]' : 'job')
  return jobs.map((fields) => {
    const isSubmit = !Object.hasOwn(fields, 'job_id') && !Object.hasOwn(fields, 'job_state')
    return { fields, isSubmit, script: text(at(fields, 'script'), 200_000) ?? script }
  })
}

/** What the REST interface takes (`{job}`, several as `{jobs}`) and answers (`{jobs: [{job_id, …}]}`). */
export function adaptSlurm(body: unknown, context: AdapterContext): AdaptedEvent[] {
  return (Array.isArray(body) ? list(body) : [body]).flatMap((part) => {
    const jobs = jobsOf(part)
    return Array.isArray(jobs) ? jobs.map((job) => adaptJob(job, context)) : [jobs]
  })
}
