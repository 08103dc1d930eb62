import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask, newCustomer, whole } from '../test/asks.js'
import { codesOf, hostAdjudication, outcomeOf, type HostedAdjudication } from '../test/hosted-adjudication.js'
import { POLICY_DIR } from './config.js'

let weir: HostedAdjudication
beforeAll(async () => {
  weir = await hostAdjudication({ WEIR_ADJUDICATION_DEADLINE_MS: '60000' })
})
afterAll(() => weir.stop())

/** A site's own copy of the policy folder, one file changed. */
function policyWith(file: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-policy-'))
  cpSync(fileURLToPath(POLICY_DIR), folder, { recursive: true })
  const path = join(folder, 'packs', file)
  const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))]
  if (before === after) throw new Error(`${file} was not changed`)
  writeFileSync(path, after)
  return folder
}

const activated = async () => (await weir.events('weir.policy.activated.v1')).map(({ packId, mode }) => `${packId} ${mode}`).sort()

test('packs take effect at start, each is told once, and a start with the same packs tells nothing', async () => {
  const all = ['announced shadow', 'house enforced', 'in-force enforced']
  expect(await activated()).toEqual(all)
  const { body } = await weir.get('/v1/packs')
  const told = await weir.events('weir.policy.activated.v1')
  const digests = Object.fromEntries(told.map(({ packId, digest }) => [packId, digest]))
  expect(body).toMatchObject({
    items: [
      { packId: 'announced', mode: 'shadow', legalStatus: 'bill', digest: digests['announced'] },
      { packId: 'house', mode: 'enforced', legalStatus: 'company-policy', digest: digests['house'] },
      { packId: 'in-force', mode: 'enforced', legalStatus: 'in-force', digest: digests['in-force'] },
    ],
  })

  await weir.restart()

  expect(await activated()).toEqual(all)
})

test('a pack in shadow is reported beside the decision; once it is enforced, it decides, and only that is told', async () => {
  const chinese = () => ask({ customerId: newCustomer(), headquarters: 'CN', training: 'low' })
  const before = chinese()
  await weir.publish(whole(before))
  const shadowed = await weir.decided(before.requestId)
  expect([outcomeOf(shadowed), codesOf(shadowed)]).toEqual(['approve', ['no-rule-applies']])
  expect(shadowed.sections.law.value.shadow['announced']?.outcome).toBe('deny')
  const earlier = await activated()

  const folder = policyWith('announced.yaml', (text) => text.replace('mode: shadow', 'mode: enforced'))
  await weir.restart({ WEIR_ADJUDICATION_POLICY_DIR: folder })

  expect(await activated()).toEqual(['announced enforced', ...earlier])
  const after = chinese()
  await weir.publish(whole(after))
  const enforced = await weir.decided(after.requestId)
  expect([outcomeOf(enforced), enforced.sections.outcome.value.reasons[0]]).toMatchObject([
    'deny',
    { code: 'license-required', rule: 'announced/remote-access-security-act', legalStatus: 'bill', layer: 'L4' },
  ])
  expect(enforced.sections.law.value.shadow).toEqual({})
  const [pinned, earlierPin] = [enforced, shadowed].map((one) => one.sections.pins.value.packs)
  expect(pinned?.['announced']).not.toBe(earlierPin?.['announced'])
  expect(pinned?.['in-force']).toBe(earlierPin?.['in-force'])
  expect(await weir.decisions(before.requestId)).toHaveLength(1)
})

test.each([
  ['takes absence for harmless', (text: string) => text.replace('when: what.nearThreshold', 'when: has(what.nearThreshold)')],
  ['holds a word that no pack has', (text: string) => text.replace('effect: flag', 'effect: shrug')],
  ['has a rule twice', (text: string) => text.replace('id: embargoed-parent', 'id: embargoed-region')],
  ['names another pack', (text: string) => text.replace('id: in-force', 'id: house')],
])('a policy folder with a pack that %s is not started with', async (_, change) => {
  const folder = policyWith('in-force.yaml', change)
  await expect(hostAdjudication({ WEIR_ADJUDICATION_POLICY_DIR: folder })).rejects.toMatchObject({ code: 'pack-refused' })
})
