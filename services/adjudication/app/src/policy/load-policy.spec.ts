import { loadPolicy } from './load-policy.js'
import { POLICY_DIR } from '../config.js'

it('loads the packs that are shipped', () => {
  const policy = loadPolicy(POLICY_DIR)
  expect(policy.packs.map(({ id, mode, legalStatus }) => ({ id, mode, legalStatus }))).toEqual([
    { id: 'announced', mode: 'shadow', legalStatus: 'bill' },
    { id: 'house', mode: 'enforced', legalStatus: 'company-policy' },
    { id: 'in-force', mode: 'enforced', legalStatus: 'in-force' },
  ])
  expect(Object.keys(policy.digests).sort()).toEqual(['announced', 'country-groups', 'house', 'in-force'])
  for (const digest of Object.values(policy.digests)) expect(digest).toMatch(/^[0-9a-f]{64}$/)
})

it('dates the country groups', () => {
  const { groups } = loadPolicy(POLICY_DIR)
  expect(groups.of('CN', '2026-11-22')).toEqual(expect.arrayContaining(['D:1', 'D:5']))
  expect(groups.of('HK', '2026-11-22')).toContain('D:5')
  expect(groups.of('MO', '2026-11-22')).not.toContain('D:5')
  expect(groups.of('AE', '2026-07-09')).toContain('D:4')
  expect(groups.of('AE', '2026-07-10')).not.toContain('D:4')
  expect(groups.of('KH', '2026-02-02')).toContain('D:5')
  expect(groups.of('KH', '2026-02-03')).not.toContain('D:5')
  expect(groups.of('CY', '2026-01-01')).not.toContain('D:5')
  expect(groups.of('US', '2026-01-01')).toContain('A:1')
  expect(groups.of('ZZ', '2026-01-01')).toBeUndefined()
})
