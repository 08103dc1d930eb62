import { adapt } from '../index.js'
import { asked, catalog, one } from '../../test/adapted.js'

const nova = (event_type: string, data: object) => ({
  event_type,
  payload: { 'nova_object.data': { tenant_id: 't', uuid: 'u', request_id: 'r', ...data } },
  timestamp: '2026-10-01 08:00:00.5',
})
const flavor = (name: string, extra_specs?: object) => ({ 'nova_object.data': { name, extra_specs } })

describe('openstack-nova', () => {
  it.each([
    [
      { 'pci_passthrough:alias': 'a100:2,h100:1' },
      [
        { model: 'nvidia-a100-pcie-40gb', count: 2 },
        { model: 'nvidia-h100-sxm5-80gb', count: 1 },
      ],
    ],
    [{ 'resources:VGPU': '1' }, 'unknown'],
    [{ 'resources1:CUSTOM_GPU_H100': '4' }, [{ model: 'nvidia-h100-sxm5-80gb', count: 4 }]],
    [{ 'accel:device_profile': 'anything' }, 'unknown'],
    [{ 'pci_passthrough:alias': 'secret-card:1' }, 'unknown'],
    [{ 'resources:VCPU': '0', 'hw:cpu_policy': 'dedicated' }, 'none'],
  ])('extra specs %j', (specs, accelerators) => {
    expect(asked('openstack-nova', nova('instance.create.end', { flavor: flavor('f', specs) }))?.accelerators).toEqual(accelerators)
  })
  it('a resize is told by resize_prep and resize_finish', () => {
    const prep = one(
      'openstack-nova',
      nova('instance.resize_prep.start', { flavor: flavor('old', {}), new_flavor: flavor('new', { 'pci_passthrough:alias': 'h100:8' }) }),
    )
    const start = one('openstack-nova', nova('instance.resize.start', { flavor: flavor('old', {}) }))
    expect(prep.requests[0]).toMatchObject({ action: 'resize', skus: [{ raw: 'new' }] })
    expect(start).toMatchObject({ result: 'needs-lookup', step: prep.step })
  })
  it.each([
    ['instance.power_off.end', 'ignored'],
    ['instance.delete.end', 'request'],
    ['instance.frobnicate.end', 'needs-lookup'],
    ['scheduler.select_destinations.start', 'ignored'],
    ['compute.instance.create.end', 'unreadable'],
  ])('%s is %s', (type, result) => {
    expect(one('openstack-nova', nova(type, {})).result).toBe(result)
  })
  it('opens the envelope of the message bus', () => {
    expect(
      one('openstack-nova', {
        'oslo.version': '2.0',
        'oslo.message': JSON.stringify(nova('instance.create.end', { flavor: flavor('f', {}) })),
      }).result,
    ).toBe('request')
  })
  it('the installation qualifies the tenant', () => {
    const [event] = adapt('openstack-nova', nova('instance.create.end', { flavor: flavor('f', {}) }), { catalog, installation: 'west' })
    expect(event?.requests[0]?.tenantRef).toEqual({ system: 'openstack:west', id: 't' })
  })
})

const gpus = (n: unknown) => ({ resources: { limits: { 'nvidia.com/gpu': n }, requests: { 'nvidia.com/gpu': n } } })
const review = (object: object, more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'uid', operation: 'CREATE', namespace: 'ml', userInfo: { username: 'a@example.com' }, object, ...more },
})
const template = (containers: unknown[]) => ({ spec: { containers } })

describe('kubernetes-admission', () => {
  it.each([
    ['Job', { kind: 'Job', apiVersion: 'batch/v1', spec: { parallelism: 4, template: template([gpus('2')]) } }, 4, 4, 8],
    [
      'Volcano',
      {
        kind: 'Job',
        apiVersion: 'batch.volcano.sh/v1alpha1',
        spec: {
          minAvailable: 3,
          tasks: [
            { replicas: 1, template: template([{}]) },
            { replicas: 4, template: template([gpus(8)]) },
          ],
        },
      },
      3,
      5,
      32,
    ],
    [
      'MPIJob',
      {
        kind: 'MPIJob',
        spec: { mpiReplicaSpecs: { Launcher: { template: template([{}]) }, Worker: { replicas: 2, template: template([gpus('8')]) } } },
      },
      3,
      3,
      16,
    ],
    [
      'RayCluster',
      {
        kind: 'RayCluster',
        spec: {
          enableInTreeAutoscaling: true,
          headGroupSpec: { template: template([{}]) },
          workerGroupSpecs: [{ replicas: 1, minReplicas: 1, maxReplicas: 5, template: template([gpus('4')]) }],
        },
      },
      2,
      6,
      20,
    ],
    [
      'JobSet',
      {
        kind: 'JobSet',
        spec: { replicatedJobs: [{ replicas: 2, template: { spec: { parallelism: 3, template: template([gpus('1')]) } } }] },
      },
      6,
      6,
      6,
    ],
    ['TrainJob', { kind: 'TrainJob', spec: { trainer: { numNodes: 4, resourcesPerNode: { limits: { 'nvidia.com/gpu': 8 } } } } }, 4, 4, 32],
    ['init container', { kind: 'Pod', spec: { initContainers: [gpus('3')], containers: [gpus('1'), gpus('1')] } }, 1, 1, 3],
  ])('%s', (_name, object, min, max, devices) => {
    expect(asked('kubernetes-admission', review(object))).toMatchObject({
      requestedCount: { min, max },
      skus: [{ raw: 'nvidia.com/gpu', count: devices, accelerators: 'unknown' }],
      accelerators: 'unknown',
    })
  })
  it('one of several products that a selector allows is no model', () => {
    const term = (values: string[]) => ({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'nvidia.com/gpu.product', operator: 'In', values }] }],
      },
    })
    const pod = (values: string[]) => review({ kind: 'Pod', spec: { containers: [gpus('1')], affinity: { nodeAffinity: term(values) } } })
    expect(asked('kubernetes-admission', pod(['NVIDIA-L4']))?.accelerators).toEqual([{ model: 'nvidia-l4', count: 1 }])
    expect(asked('kubernetes-admission', pod(['NVIDIA-L4', 'NVIDIA-H100-80GB-HBM3']))?.accelerators).toBe('unknown')
  })
  it.each([
    [
      'a claim through a template elsewhere',
      { kind: 'Pod', spec: { resourceClaims: [{ name: 'g', resourceClaimTemplateName: 't' }] } },
      {},
      'needs-lookup',
    ],
    ['an unknown kind that runs containers', { kind: 'SuperJob', spec: { role: { containers: [gpus('1')] } } }, {}, 'needs-lookup'],
    ['a secret', { kind: 'Secret', data: {} }, {}, 'ignored'],
    ['a claim template', { kind: 'ResourceClaimTemplate', spec: {} }, {}, 'ignored'],
    ['kube-system', { kind: 'Pod', spec: {} }, { namespace: 'kube-system' }, 'ignored'],
    ['a node', { kind: 'Pod', spec: {} }, { userInfo: { username: 'system:node:n1' } }, 'ignored'],
    ['a negative count', { kind: 'Pod', spec: { containers: [gpus('-1')] } }, {}, 'unreadable'],
    ['no replicas', { kind: 'Deployment', spec: { replicas: 0, template: template([gpus('1')]) } }, {}, 'ignored'],
    ['a subresource', { kind: 'Pod', spec: {} }, { subResource: 'status' }, 'ignored'],
    ['a scale', { kind: 'Scale', spec: { replicas: 9 } }, { subResource: 'scale', operation: 'UPDATE' }, 'needs-lookup'],
  ])('%s', (_name, object, more, result) => {
    expect(one('kubernetes-admission', review(object, more)).result).toBe(result)
  })
  it('a controller carries out what was asked, a foreign owner does not hide an ask', () => {
    const owned = { kind: 'Pod', metadata: { ownerReferences: [{ kind: 'Job', controller: true }] }, spec: { containers: [gpus('8')] } }
    const by = (username: string) => one('kubernetes-admission', review(owned, { userInfo: { username } })).result
    expect([by('system:serviceaccount:kube-system:job-controller'), by('mallory@example.com')]).toEqual(['ignored', 'request'])
  })
  it('an update asks only where it takes something else', () => {
    const deployment = (replicas: number) => ({ kind: 'Deployment', spec: { replicas, template: template([gpus('1')]) } })
    const update = (from: number, to: number) =>
      one('kubernetes-admission', review(deployment(to), { operation: 'UPDATE', oldObject: deployment(from) }))
    expect(update(2, 2).result).toBe('ignored')
    expect(update(2, 5).requests[0]).toMatchObject({ action: 'resize', skus: [{ count: 5 }] })
    const daemons = (image: string) => ({ kind: 'DaemonSet', spec: { template: template([{ image }]) } })
    const roll = (to: string) => one('kubernetes-admission', review(daemons(to), { operation: 'UPDATE', oldObject: daemons('a') })).result
    expect([roll('a'), roll('b')]).toEqual(['ignored', 'needs-lookup'])
    expect(update(2, 0).requests[0]).toMatchObject({ action: 'delete' })
  })
})

const submit = (job: object) => ({ job: { account: 'bio', ...job } })

describe('slurm', () => {
  it.each([
    [{ tres_per_node: 'gres:gpu:amd:4', nodes: '2' }, 'gres/gpu:amd', 8],
    [{ tres_per_task: 'gres/gpu:1', tasks: 16, nodes: '2' }, 'gres/gpu', 16],
    [{ tres_per_socket: 'gres/gpu:2', sockets_per_node: 2, nodes: '3' }, 'gres/gpu', 12],
    [{ tres_per_job: 'gres/gpu=4,cpu=8' }, 'gres/gpu', 4],
    [{ tres_per_node: 'gpu:a100:2', minimum_nodes: 2, maximum_nodes: 4 }, 'gres/gpu:a100', 8],
    [{ tres_per_node: 'gres/gpu:h100:8', nodes: '1', array: '0-9%4' }, 'gres/gpu:h100', 32],
  ])('%j', (job, raw, count) => {
    expect(asked('slurm', submit(job))?.skus).toMatchObject([{ raw, count }])
  })
  it('a model comes from the allocation once started', () => {
    const job = {
      job_id: 1,
      job_state: ['RUNNING'],
      node_count: { set: true, infinite: false, number: 2 },
      tres_per_node: 'gres/gpu:2',
      gres_detail: ['gpu:h100:2(IDX:0-1)', 'gpu:h100:2(IDX:0-1)'],
      account: 'a',
    }
    expect(asked('slurm', { jobs: [job] })).toMatchObject({
      enforcement: 'post',
      grantedCount: 2,
      accelerators: [{ model: 'nvidia-h100-sxm5-80gb', count: 4 }],
    })
  })
  it.each([
    [{ job_state: 'COMPLETED', nodes: 'n1', start_time: 5 }, 'delete', 'succeeded'],
    [{ job_state: ['CANCELLED'], nodes: '' }, 'create', 'failed'],
    [{ job_state: ['PENDING'] }, 'create', 'pending'],
  ])('%j', (job, action, outcome) => {
    expect(asked('slurm', { jobs: [{ job_id: 2, ...job }] })).toMatchObject({ action, outcome })
  })
  it.each([{ nodes: '0' }, { nodes: '4-2' }, { tres_per_job: 'gres/gpu:99999999' }])('%j cannot be read', (job) => {
    expect(one('slurm', submit(job)).result).toBe('unreadable')
  })
})
