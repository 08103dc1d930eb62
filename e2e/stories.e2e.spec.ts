import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { registerLicense, replaceCustomer, seedWorld, stories, tellStep, tellStories, type Flip, type ToldStory } from '@weir/demo'
import { startWeir, type WeirProcess } from './weir-process.js'

const script = 'services/embedded/dist/main.js'
const timeoutMs = 20_000

describe('the ten stories, in one process on the PostgreSQL log', () => {
  let weir: WeirProcess
  let told: readonly ToldStory[]

  beforeAll(async () => {
    weir = await startWeir({ script, arguments: ['--no-demo'] })
    await seedWorld(weir.client)
    told = await tellStories(weir.client, { vkey: weir.run.ledger.vkey, timeoutMs, onTold: () => undefined })
  }, 240_000)
  afterAll(() => weir?.remove(), 60_000)

  it.each(stories.map((story) => [story.title, story] as const))('%s', (_title, story) => {
    const steps = told.find((one) => one.story.id === story.id)?.steps ?? []
    const came = steps.map(({ answer, verified }) => ({ outcome: answer.outcome, code: answer.reasons[0]?.code, verified: verified.ok }))
    expect(came).toEqual(story.steps.map(({ outcome, code }) => ({ outcome, code, verified: true })))
  })

  it('reports its legal status with every reason that rests on a rule', () => {
    const reasons = told.flatMap(({ steps }) => steps.flatMap(({ answer }) => answer.reasons)).filter(({ rule }) => rule !== undefined)
    expect(reasons.length).toBeGreaterThan(0)
    expect(reasons.filter(({ citation, legalStatus }) => citation === undefined || legalStatus === undefined)).toEqual([])
    const house = told.find(({ story }) => story.id === 'china-headquartered-parent')?.steps[0]?.answer.reasons[0]
    expect(house).toMatchObject({ rule: 'house/license-before-training', legalStatus: 'company-policy' })
  })

  it('gives the same answers to the same events', async () => {
    const again = await tellStories(weir.client, { vkey: weir.run.ledger.vkey, timeoutMs, onTold: () => undefined })
    const ids = (all: readonly ToldStory[]) =>
      all.flatMap(({ steps }) => steps.map(({ answer }) => [answer.id, answer.revision, answer.outcome]))
    expect(ids(again)).toEqual(ids(told))
  })

  it.each(stories.map(({ title, id, flip }) => [`${title}; ${flip.fact}`, id, flip] as const))(
    '%s',
    async (_title, id, flip) => {
      await changeFact(weir, flip)
      const step = await tellStep(weir.client, flip, { id: `${id}-flipped`, vkey: weir.run.ledger.vkey, timeoutMs })
      expect({ outcome: step.answer.outcome, code: step.answer.reasons[0]?.code }).toEqual({ outcome: flip.outcome, code: flip.code })
      expect(step.verified.ok).toBe(true)
    },
    60_000,
  )

  it('stops on Ctrl-C and goes on where it was', async () => {
    expect(await weir.interrupt()).toBe(0)
    expect(existsSync(join(weir.home, 'run.json'))).toBe(false)
    const [first] = told.flatMap(({ steps }) => steps)
    weir = await startWeir({ script, arguments: ['--no-demo'], home: weir.home })
    const answer = await weir.client.must({ path: `/v1/provisioning-requests/${first?.answer.id}` })
    expect(answer.json).toEqual(first?.answer)
  }, 240_000)
})

async function changeFact(weir: WeirProcess, flip: Flip): Promise<void> {
  if (flip.customer !== undefined) await replaceCustomer(weir.client, flip.customer)
  if (flip.license !== undefined) await registerLicense(weir.client, flip.license)
}
