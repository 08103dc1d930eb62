import { at, isFields, list, text, whole, type Fields } from '../read.js'

/** Pods of one role. NaN: a number that cannot be read. */
export interface PodGroup {
  min: number
  max: number
  spec: unknown
}

export type Workload =
  | { kind: 'pods'; groups: PodGroup[]; commands: string[] }
  /** runs pods, but how many or which cannot be said from the object */
  | { kind: 'unstated' }
  | { kind: 'claim'; spec: unknown }
  | { kind: 'definition' }
  | { kind: 'other' }

type Shape = (spec: unknown) => Workload

function number(value: unknown, otherwise: number): number {
  return value === undefined || value === null ? otherwise : (whole(value) ?? Number.NaN)
}

const pods = (groups: PodGroup[], commands: string[] = []): Workload => ({ kind: 'pods', groups, commands })
const fixedGroup = (count: number, spec: unknown): PodGroup => ({ min: count, max: count, spec })
const podSpec = (template: unknown): unknown => at(template, 'spec')

const replicated: Shape = (spec) => pods([fixedGroup(number(at(spec, 'replicas'), 1), podSpec(at(spec, 'template')))])

const job: Shape = (spec) => pods([fixedGroup(number(at(spec, 'parallelism'), 1), podSpec(at(spec, 'template')))])

/** Kubeflow's jobs keep their roles under a name of their own: `pytorchReplicaSpecs`, `mpiReplicaSpecs`, … */
const roles: Shape = (spec) => {
  const name = Object.keys(isFields(spec) ? spec : {}).find((key) => key.endsWith('ReplicaSpecs'))
  const specs = name === undefined ? undefined : at(spec, name)
  if (!isFields(specs)) return { kind: 'unstated' }
  const most = number(at(spec, 'elasticPolicy', 'maxReplicas'), 0)
  const least = number(at(spec, 'elasticPolicy', 'minReplicas'), Number.POSITIVE_INFINITY)
  return pods(
    Object.entries(specs).map(([role, roleSpec]) => {
      const count = number(at(roleSpec, 'replicas'), 1)
      const elastic = role === 'Worker'
      const template = podSpec(at(roleSpec, 'template'))
      return { min: elastic ? Math.min(count, least) : count, max: elastic ? Math.max(count, most) : count, spec: template }
    }),
  )
}

const volcano: Shape = (spec) => {
  const groups = list(at(spec, 'tasks')).map((task) => fixedGroup(number(at(task, 'replicas'), 1), podSpec(at(task, 'template'))))
  const max = groups.reduce((sum, group) => sum + group.max, 0)
  const [first, ...rest] = groups
  if (first === undefined) return { kind: 'unstated' }
  // The gang's minimum is of the job, not of a role: put it on the first so that the sum is right.
  const min = number(at(spec, 'minAvailable'), max)
  return pods([{ ...first, min }, ...rest.map((group) => ({ ...group, min: 0 }))])
}

function rayGroups(cluster: unknown): PodGroup[] {
  const scales = at(cluster, 'enableInTreeAutoscaling') === true
  const workers = list(at(cluster, 'workerGroupSpecs')).map((group) => {
    const hosts = number(at(group, 'numOfHosts'), 1)
    const count = number(at(group, 'replicas'), number(at(group, 'minReplicas'), 0))
    const max = scales ? Math.max(count, number(at(group, 'maxReplicas'), count)) : count
    const min = scales ? Math.min(count, number(at(group, 'minReplicas'), count)) : count
    return { min: min * hosts, max: max * hosts, spec: podSpec(at(group, 'template')) }
  })
  return [fixedGroup(1, podSpec(at(cluster, 'headGroupSpec', 'template'))), ...workers]
}

const ray =
  (field: string | undefined): Shape =>
  (spec) => {
    const cluster = field === undefined ? spec : at(spec, field)
    if (!isFields(cluster)) return { kind: 'unstated' }
    return pods(rayGroups(cluster), [text(at(spec, 'entrypoint'), 4000) ?? ''])
  }

/** The runtime that a TrainJob refers to may set more; only what the job itself states can be read. */
const trainJob: Shape = (spec) => {
  const trainer = at(spec, 'trainer')
  const resources = at(trainer, 'resourcesPerNode')
  if (!isFields(resources)) return { kind: 'unstated' }
  const container = { resources, command: at(trainer, 'command'), args: at(trainer, 'args') }
  return pods([fixedGroup(number(at(trainer, 'numNodes'), 1), { containers: [container] })])
}

const jobSet: Shape = (spec) =>
  pods(
    list(at(spec, 'replicatedJobs')).map((member) => {
      const inner = at(member, 'template', 'spec')
      return fixedGroup(number(at(member, 'replicas'), 1) * number(at(inner, 'parallelism'), 1), podSpec(at(inner, 'template')))
    }),
  )

const leaderWorkerSet: Shape = (spec) => {
  const sets = number(at(spec, 'replicas'), 1)
  const template = at(spec, 'leaderWorkerTemplate')
  const size = number(at(template, 'size'), 1)
  const worker = at(template, 'workerTemplate')
  return pods([fixedGroup(sets, podSpec(at(template, 'leaderTemplate') ?? worker)), fixedGroup(sets * (size - 1), podSpec(worker))])
}

const unstated: Shape = () => ({ kind: 'unstated' })
const definition: Shape = () => ({ kind: 'definition' })

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ['Pod', (spec) => pods([fixedGroup(1, spec)])],
  ['Job', job],
  ['Deployment', replicated],
  ['ReplicaSet', replicated],
  ['ReplicationController', replicated],
  ['StatefulSet', replicated],
  ['DaemonSet', unstated],
  ...['PyTorchJob', 'TFJob', 'MPIJob', 'XGBoostJob', 'PaddleJob', 'MXJob', 'JAXJob'].map((kind): [string, Shape] => [kind, roles]),
  ['TrainJob', trainJob],
  ['RayJob', ray('rayClusterSpec')],
  ['RayService', ray('rayClusterConfig')],
  ['RayCluster', ray(undefined)],
  ['JobSet', jobSet],
  ['LeaderWorkerSet', leaderWorkerSet],
  ['ResourceClaim', (spec) => ({ kind: 'claim', spec })],
  ...[
    'ResourceClaimTemplate',
    'ComputeDomain',
    'Namespace',
    'CronJob',
    'PodTemplate',
    'DeviceClass',
    'ClusterTrainingRuntime',
    'TrainingRuntime',
  ].map((kind): [string, Shape] => [kind, definition]),
  ...['Machine', 'MachineSet', 'MachineDeployment', 'MachinePool', 'NodeClaim', 'NodePool', 'VirtualMachine', 'VirtualMachineInstance'].map(
    (kind): [string, Shape] => [kind, unstated],
  ),
])

const OWNERS = new Set(['Job', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Pod'])

/** Whether the object was made by a controller for one whose own creation was asked about. */
export function isOwned(object: unknown): boolean {
  return list(at(object, 'metadata', 'ownerReferences')).some(
    (owner) => at(owner, 'controller') === true && OWNERS.has(String(at(owner, 'kind'))),
  )
}

/** Whether somewhere in an object of an unknown kind there are containers. Looks at a bounded number of values. */
export function hasContainers(object: Fields): boolean {
  const queue: unknown[] = [object]
  for (let i = 0; i < queue.length && i < 5000; i += 1) {
    const value = queue[i]
    if (Array.isArray(value)) queue.push(...list(value).slice(0, 500))
    else if (isFields(value)) {
      if (list(at(value, 'containers')).length > 0) return true
      queue.push(...Object.values(value).slice(0, 500))
    }
  }
  return queue.length > 5000
}

/** The pods that a Kubernetes object asks for. */
export function workloadOf(object: Fields): Workload {
  const kind = text(at(object, 'kind'), 100) ?? ''
  const group = (text(at(object, 'apiVersion'), 200) ?? '').split('/')[0] ?? ''
  const spec = at(object, 'spec')
  if (kind === 'Job' && group.endsWith('volcano.sh')) return volcano(spec)
  const shape = SHAPES.get(kind)
  if (shape) return shape(spec)
  return hasContainers(object) ? { kind: 'unstated' } : { kind: 'other' }
}
