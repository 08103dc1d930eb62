import type { Outcome, SubmittedRequest } from '@weir/contracts'
import { asCloudEvent, asked, insertInstance, runInstances, writeVirtualMachine, type StoryEvent } from './story-events.js'
import { lighthouse, quarryLicense, tidepool, trader, type CustomerBody, type LicenseBody } from './world.js'

/** One event and what becomes of it. `id` names the event: the same id is the same event. */
export interface Step {
  readonly event: (id: string) => StoryEvent
  readonly outcome: Outcome
  /** of the first reason, the one that decided */
  readonly code: string
}

/** The one fact that decided, changed: in the event, in the customer's declaration, or by a further license. */
export interface Flip extends Step {
  readonly fact: string
  readonly customer?: CustomerBody
  readonly license?: LicenseBody
}

export interface Story {
  readonly id: string
  readonly title: string
  readonly steps: readonly [Step, ...Step[]]
  readonly flip: Flip
}

const cpuLaunch = (sku: string) => (id: string) => runInstances(id, { account: '000000000102', region: 'us-east-1', sku, count: 12 })

const trainingOnH100 = (id: string) =>
  asked(id, {
    account: '000000000103',
    sku: 'p5.48xlarge',
    count: 16,
    endUse: { category: 'ai-training', statement: 'Pretraining of a language model' },
    network: { interconnect: 'efa', placement: 'cluster' },
    workloadHints: ['entrypoint:torchrun'],
  })

const blockedHalf = (id: string) =>
  writeVirtualMachine(id, {
    subscription: '00000000-0000-4000-8000-000000000105',
    location: 'eastus',
    sku: 'Standard_ND96isr_H100_v5',
  })

const tradersMachine = (id: string) =>
  insertInstance(id, { project: 'micro-trading-demo', zone: 'us-central1-a', machineType: 'a3-highgpu-8g' })

const rackOfA800 =
  (occurredAt: string, delivery: SubmittedRequest['delivery'] = 'colocation') =>
  (id: string) =>
    asked(id, {
      account: 'mirror-lake',
      tenantRef: { system: 'racks', id: 'mirror-lake' },
      sku: 'rack-server-a800',
      count: 1,
      skus: [{ raw: 'rack-server-a800', count: 1, accelerators: [{ model: 'nvidia-a800-sxm4-80gb', count: 4 }] }],
      provider: 'racks',
      region: { raw: 'tokyo-1', iso3166: 'JP' },
      occurredAt,
      delivery,
    })

const rendering = (entrypoint: string) => (id: string) =>
  asCloudEvent(
    asked(id, {
      account: '000000000107',
      sku: 'p5.48xlarge',
      count: 2,
      endUse: { category: 'rendering', statement: 'Frames of a feature film' },
      network: { interconnect: 'ethernet' },
      window: { start: '2026-11-23T10:00:00Z', end: '2026-11-24T10:00:00Z' },
      workloadHints: [`entrypoint:${entrypoint}`],
    }),
  )

const licensed = (count: number) => (id: string) =>
  asked(id, { account: '000000000108', sku: 'p5.48xlarge', count, endUse: { category: 'ai-training' } })

const saltmarsh = (sku: string) => (id: string) => runInstances(id, { account: '000000000109', region: 'us-west-2', sku, count: 1 })

const partnerRegion = (region: string) => (id: string) =>
  asCloudEvent(
    asked(id, {
      account: '',
      tenantRef: { system: 'azure', id: '00000000-0000-4000-8000-000000000110' },
      provider: 'azure',
      sku: 'Standard_ND96isr_H100_v5',
      count: 1,
      region: { raw: region },
    }),
  )

/** Ten asks that show what is decided and why. Each rests on one fact; the flip changes that fact and nothing else. */
export const stories: readonly Story[] = [
  {
    id: 'clean-approval',
    title: 'An American robotics company starts one H100 machine in Oregon',
    steps: [
      {
        event: (id) => runInstances(id, { account: '000000000101', region: 'us-west-2', sku: 'p5.48xlarge', count: 1 }),
        outcome: 'approve',
        code: 'no-rule-applies',
      },
    ],
    flip: {
      fact: 'the account is known: an account that nobody registered asks',
      event: (id) => runInstances(id, { account: '000000000999', region: 'us-west-2', sku: 'p5.48xlarge', count: 1 }),
      outcome: 'hold',
      code: 'unknown-tenant',
    },
  },
  {
    id: 'cpu-only',
    title: 'A subsidiary of a China-headquartered group starts machines without accelerators',
    steps: [{ event: cpuLaunch('m7i.4xlarge'), outcome: 'approve', code: 'no-controlled-item' }],
    flip: { fact: 'the machine type: H100 machines instead', event: cpuLaunch('p5.48xlarge'), outcome: 'deny', code: 'license-required' },
  },
  {
    id: 'china-headquartered-parent',
    title: 'A Singapore subsidiary of a China-headquartered parent asks to train on H100s',
    steps: [{ event: trainingOnH100, outcome: 'deny', code: 'license-required' }],
    flip: {
      fact: 'where the parent is headquartered: Japan instead of China',
      customer: tidepool('JP'),
      event: trainingOnH100,
      outcome: 'approve',
      code: 'no-rule-applies',
    },
  },
  {
    id: 'listed-party',
    title: 'A party on the Entity List asks for a machine',
    steps: [{ event: tradersMachine, outcome: 'deny', code: 'listed-party' }],
    flip: {
      fact: 'the name: no listed party has it',
      customer: trader('Unlisted Microelectronics Demo FZE'),
      event: tradersMachine,
      outcome: 'approve',
      code: 'no-rule-applies',
    },
  },
  {
    id: 'owned-by-listed-party',
    title: 'A company that a listed party owns to exactly 50 percent asks for a machine',
    steps: [{ event: blockedHalf, outcome: 'deny', code: 'fifty-percent-owned' }],
    flip: {
      fact: 'the share of the listed party: 49 percent',
      customer: lighthouse(49),
      event: blockedHalf,
      outcome: 'approve',
      code: 'no-rule-applies',
    },
  },
  {
    id: 'a800-before-and-after',
    title: 'A China-headquartered cloud places an A800 server in a Tokyo rack, the day before the 2023 rule and on its first day',
    steps: [
      { event: rackOfA800('2023-11-16T12:00:00Z'), outcome: 'approve', code: 'no-rule-applies' },
      { event: rackOfA800('2023-11-17T12:00:00Z'), outcome: 'deny', code: 'license-required' },
    ],
    flip: {
      fact: 'delivery: over the network, no hardware moves',
      event: rackOfA800('2023-11-17T12:00:00Z', 'remote'),
      outcome: 'approve',
      code: 'no-rule-applies',
    },
  },
  {
    id: 'training-as-rendering',
    title: 'A film studio declares rendering and starts a training launcher',
    steps: [{ event: rendering('torchrun'), outcome: 'hold', code: 'contradicts-declared-purpose' }],
    flip: { fact: 'the program that starts: a renderer', event: rendering('blender'), outcome: 'approve', code: 'no-rule-applies' },
  },
  {
    id: 'license-drawn-down',
    title: 'A license for 24 accelerators is drawn down to its last one',
    steps: [
      { event: licensed(2), outcome: 'approve', code: 'license-covers' },
      { event: licensed(1), outcome: 'approve', code: 'license-covers' },
      { event: licensed(1), outcome: 'deny', code: 'license-balance-exhausted' },
    ],
    flip: {
      fact: 'the balance: a second license for 8 accelerators',
      license: quarryLicense('quarry-2026-b', 8),
      event: licensed(1),
      outcome: 'approve',
      code: 'license-covers',
    },
  },
  {
    id: 'unknown-sku',
    title: 'A known customer starts a machine type that no table lists',
    steps: [{ event: saltmarsh('p99x.96xlarge'), outcome: 'hold', code: 'unknown-sku' }],
    flip: { fact: 'the machine type: a listed one', event: saltmarsh('p5.48xlarge'), outcome: 'approve', code: 'no-rule-applies' },
  },
  {
    id: 'partner-run-region',
    title: 'A German car maker asks for H100s in a region that a partner in China runs',
    steps: [{ event: partnerRegion('chinaeast2'), outcome: 'hold', code: 'partner-run-region' }],
    flip: { fact: 'the region: one in the United States', event: partnerRegion('eastus'), outcome: 'approve', code: 'no-rule-applies' },
  },
]

/** Names the event of a step; steps are told apart, the first start and a restart are not. */
export const eventId = (story: Story, step: number): string => `${story.id}-${step + 1}`
