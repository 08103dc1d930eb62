import { input, license, pack, rule } from '../test/rules.js'
import { decide } from './decide.js'
import { lateVerdict, officersVerdict } from './other-verdicts.js'

test('what is late holds, and names the area of each assessment that is missing', () => {
  expect(lateVerdict(['identity'])).toMatchObject({ outcome: 'hold', reasons: [{ code: 'assessment-late', missing: ['who'] }] })
  expect(lateVerdict(['classification']).reasons[0]?.missing).toEqual(['what', 'where'])
  expect(lateVerdict(['identity', 'classification']).reasons[0]?.sentence).toBe(
    'The deadline passed without the answer of identity and classification.',
  )
})

const needs = rule('needs', { effect: 'license-required' })
const held = decide(input([pack([needs, rule('look', { effect: 'hold' })])], { licenses: [license()] }))

test('officers approve what was held: their word first, the open reasons after it, and the license is drawn', () => {
  const approved = officersVerdict(held, 'approve')
  expect([approved.outcome, approved.reasons.map(({ code }) => code)]).toEqual(['approve', ['officers-approved', 'look']])
  expect([approved.findings, approved.licenseDraw]).toEqual([held.findings, held.licenseDraw])
  expect(approved.licenseDraw).toBeDefined()
})

test('officers deny what was held: nothing is drawn', () => {
  const denied = officersVerdict(held, 'deny')
  expect([denied.outcome, denied.reasons[0]?.code, denied.licenseDraw]).toEqual(['deny', 'officers-denied', undefined])
})

test.each(['approve', 'deny'] as const)('officers do not move a verdict that is no hold (%s)', (outcome) => {
  const denied = decide(input([pack([rule('blocked', { effect: 'deny' })])]))
  expect(officersVerdict(denied, outcome)).toBe(denied)
})
