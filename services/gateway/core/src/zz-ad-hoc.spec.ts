import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { canonicalRequest } from '../../../../libs/contracts/src/gateway/canonical-request.v1.js'
import { catalogFromRows, parseCsv } from '@weir/catalog'
import { adapt, isPlatform, PLATFORMS } from './index.js'
const table = (name: string) => parseCsv(readFileSync(new URL(`../../../../policy/${name}.csv`, import.meta.url), 'utf8'))
const catalog = catalogFromRows({
  accelerators: table('accelerators'),
  instances: table('instances'),
  skuFamilies: table('sku-families'),
  regions: table('regions'),
})
const events = '/work/shared/data/events'
const all = (JSON.parse(readFileSync(join(events, 'expected.json'), 'utf8')) as any[]).filter((e) => isPlatform(e.platform))
function paths(v: any, at: any[] = []): any[][] {
  if (v && typeof v === 'object') return [at, ...Object.keys(v).flatMap((k) => paths(v[k], [...at, k]))]
  return [at]
}
function put(v: any, path: any[], x: any): any {
  if (path.length === 0) return x
  const c = structuredClone(v)
  let h = c
  for (const k of path.slice(0, -1)) h = h[k]
  h[path.at(-1)] = x
  return c
}
const extra = fc.constantFrom<any>(
  0,
  -1,
  1,
  3,
  1e6,
  999999,
  1e9,
  1.5,
  '0',
  '8',
  '',
  'x',
  null,
  [],
  {},
  'x'.repeat(400),
  '\ud800',
  'UPDATE',
  'DELETE',
  'instance.exists',
  'COMPLETED',
  'RunScheduledInstances',
  'CreateFleet',
  'v1.compute.instances.bulkInsert',
)
it('contract', () => {
  for (const e of all) {
    const body = JSON.parse(readFileSync(join(events, e.file), 'utf8'))
    for (const p of paths(body))
      for (const x of fc.sample(extra, 18))
        for (const g of adapt(e.platform, put(body, p, x), { catalog }))
          for (const r of g.requests) {
            const z = canonicalRequest.safeParse(JSON.parse(JSON.stringify(r)))
            if (!z.success)
              throw new Error(
                e.file +
                  ' ' +
                  JSON.stringify(p) +
                  ' ' +
                  JSON.stringify(x)?.slice(0, 100) +
                  ' ' +
                  z.error.message +
                  JSON.stringify(r).slice(0, 1500),
              )
          }
  }
})
it('deep and big', () => {
  const deep = JSON.parse('['.repeat(120000) + ']'.repeat(120000))
  const deepo = JSON.parse('{"spec":'.repeat(30000) + '1' + '}'.repeat(30000))
  for (const p of PLATFORMS) {
    adapt(p, deep, { catalog })
    adapt(p, deepo, { catalog })
  }
  const many = (n: number) => ({
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      operation: 'CREATE',
      object: {
        kind: 'JobSet',
        spec: {
          replicatedJobs: Array.from({ length: n }, (_, i) => ({
            template: { spec: { template: { spec: { containers: [{ resources: { limits: { ['a.b/' + i]: 1 } } }] } } } },
          })),
        },
      },
    },
  })
  for (const n of [100, 3000]) {
    const t = performance.now()
    const r = adapt('kubernetes-admission', many(n), { catalog })
    console.log(n, r[0]?.result, performance.now() - t)
  }
  const t = performance.now()
  adapt(
    'aws-cloudtrail',
    Array.from({ length: 5000 }, (_, i) => ({
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      recipientAccountId: '1',
      requestParameters: { instanceType: 'p5.48xlarge', instancesSet: { items: [{ minCount: 1, maxCount: 1 }] } },
    })),
    { catalog },
  )
  console.log(performance.now() - t)
  const t2 = performance.now()
  adapt(
    'slurm',
    { jobs: Array.from({ length: 1000 }, (_, i) => ({ job_id: i, job_state: 'PENDING', tres_per_node: 'gres/gpu:h100:8' })) },
    { catalog },
  )
  console.log('slurm 1000', performance.now() - t2)
})
