import { ignored, invalid, missing, unreadable, type AdapterContext } from '../adapted-event.js'
import type { Sku } from '../canonical-request.js'
import { entrypointHints } from '../hints.js'
import { at, isCount, isFields, text, type Fields } from '../read.js'
import { range, stated, summed } from '../request-builder.js'
import { ofSite } from '../hardware.js'
import type { Ask, AskOrEvent } from './ask.js'
import { claimDevices, readPod, type ClaimTemplates } from './kubernetes-pod.js'
import { isOwned, workloadOf, type PodGroup } from './kubernetes-workload.js'

export interface KubernetesActor {
  namespace: string | undefined
  username: string | undefined
  object: unknown
}

const CONTROLLER = /^system:(?:serviceaccount:kube-system:|kube-controller-manager$|kube-scheduler$)/

/** Nodes, kube-system, and controllers that carry out what another object asked for. */
export function isClusterOwnWork({ namespace, username, object }: KubernetesActor): boolean {
  if (namespace === 'kube-system' || username?.startsWith('system:node:')) return true
  return username !== undefined && CONTROLLER.test(username) && isOwned(object)
}

interface Taken {
  skus: Sku[]
  commands: string[]
  unresolved: boolean
  network: Ask['network']
}

function takenBy(groups: readonly PodGroup[], context: AdapterContext & { templates: ClaimTemplates }): Taken | { invalid: string } {
  const taken: Taken = { skus: [], commands: [], unresolved: false, network: undefined }
  for (const group of groups) {
    const pod = readPod(group.spec, context)
    if ('invalid' in pod) return pod
    for (const { raw, count, piece } of pod.devices) {
      if (!isCount(count * group.max)) return { invalid: `resources.${raw}` }
      taken.skus.push({ raw, count: count * group.max, accelerators: piece })
    }
    taken.commands.push(...pod.commands)
    taken.unresolved ||= pod.unresolvedClaims
    if (pod.interconnect !== undefined) taken.network = { interconnect: pod.interconnect }
  }
  return { ...taken, skus: summed(taken.skus) }
}

function podsAsk(
  kind: string,
  found: { groups: PodGroup[]; commands: string[] },
  context: AdapterContext & { templates: ClaimTemplates },
): AskOrEvent {
  const { groups } = found
  if (groups.some((group) => !Number.isInteger(group.min) || !Number.isInteger(group.max) || group.max < 0))
    return invalid(`${kind} spec: replicas`)
  const running = groups.filter((group) => group.max > 0)
  const max = running.reduce((sum, group) => sum + group.max, 0)
  const min = running.reduce((sum, group) => sum + group.min, 0)
  if (max === 0) return ignored('no-new-compute', `${kind} with no pods`)
  const requestedCount = range(Math.max(1, Math.min(min, max)), max)
  if (requestedCount === undefined) return invalid(`${kind} spec: replicas`)
  const taken = takenBy(running, context)
  if ('invalid' in taken) return invalid(`${kind} spec: ${taken.invalid}`)
  const { skus, commands, unresolved, network } = taken
  const hints = [`kind:${kind}`, ...new Set(entrypointHints([...commands, ...found.commands].join('\n')))]
  const ask: Ask = { action: 'create', requestedCount, hints, network }
  // A claim's devices stand in its template, which is not here.
  return unresolved ? ask : { ...ask, skus }
}

/** What an object asks for when it is created. `templates`: claim templates that came in the same body. */
export function askOfObject(object: unknown, context: AdapterContext, templates: ClaimTemplates = new Map()): AskOrEvent {
  if (!isFields(object)) return unreadable('not-the-format', 'a Kubernetes object is a JSON object')
  const kind = text(at(object, 'kind'), 80)
  if (kind === undefined) return missing('kind')
  const named = { resource: resourceOf(object, kind), resourceIds: idsOf(object) }
  const workload = workloadOf(object)
  switch (workload.kind) {
    case 'definition':
      return ignored('definition', kind)
    case 'other':
      return ignored('other-service', kind)
    case 'unstated':
      return { action: 'create', hints: [`kind:${kind}`], ...named }
    case 'claim':
      return { ...claimAsk(workload.spec, context), ...named }
    case 'pods': {
      const ask = podsAsk(kind, workload, { ...context, templates })
      return 'result' in ask ? ask : { ...ask, ...named }
    }
  }
}

function claimAsk(spec: unknown, context: AdapterContext): Ask {
  const devices = claimDevices(spec)
  const ask: Ask = { action: 'create', requestedCount: range(1), hints: ['kind:ResourceClaim'] }
  if (devices === undefined || devices.some(({ count }) => !isCount(count))) return ask
  return {
    ...ask,
    skus: summed(devices.map(({ raw, count }) => ({ raw, count, accelerators: ofSite(context.catalog, raw) ?? 'unknown' }))),
  }
}

const resourceOf = (object: Fields, kind: string): Ask['resource'] =>
  stated({ kind, id: text(at(object, 'metadata', 'uid')), name: text(at(object, 'metadata', 'name')) })

function idsOf(object: Fields): string[] {
  const uid = text(at(object, 'metadata', 'uid'))
  return uid === undefined ? [] : [uid]
}
