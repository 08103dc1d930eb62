import { PolicyFault } from './policy-fault.js'
import { readPack } from './read-pack.js'

const rule = (more = '', id = 'first') => `
  - id: ${id}
    layer: L1
    citation: somewhere
    when: what.controlled
    effect: hold
    sentence: It speaks.
${more}`
const yaml = (rules: string, more = '') => `
id: spec
title: A pack of a spec
legalStatus: guidance
mode: enforced
knownFrom: 2026-11-22
${more}
rules:${rules}`
const read = (text: string) => readPack(text, 'spec.yaml')

test('a rule has the legal status of its pack, unless it states its own', () => {
  const { rules } = read(yaml(rule() + rule('    legalStatus: stayed', 'second')))
  expect(rules.map(({ id, legalStatus, valid }) => [id, legalStatus, valid])).toEqual([
    ['first', 'guidance', []],
    ['second', 'stayed', []],
  ])
})

test('days of the pack and of its rules are kept as days; an open end stays open', () => {
  const pack = read(yaml(rule('    valid: [{ from: 2026-01-01, to: 2026-01-01 }, { to: 2025-01-31 }]'), 'valid: { from: 2025-01-01 }'))
  expect([pack.valid, pack.rules[0]?.valid]).toEqual([
    { from: '2025-01-01' },
    [{ from: '2026-01-01', to: '2026-01-01' }, { to: '2025-01-31' }],
  ])
})

test('the digest is of what it says, not of how it is laid out', () => {
  const { digest } = read(yaml(rule()))
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(read(`# a remark\n${yaml(rule()).replace('layer: L1', 'layer:    "L1" # another')}`).digest).toBe(digest)
  const others = ['layer: L1', 'effect: hold', 'when: what.controlled', 'mode: enforced', 'citation: somewhere'].map((said) => {
    const word = { 'layer: L1': 'layer: L0', 'effect: hold': 'effect: deny', 'mode: enforced': 'mode: shadow' }[said]
    return read(yaml(rule()).replace(said, word ?? `${said} `.replace(/what\.controlled|somewhere/, 'what.nearThreshold'))).digest
  })
  expect(new Set([digest, ...others]).size).toBe(6)
})

test.each([
  [
    'a rule whose days run backwards',
    yaml(rule('    valid: [{ from: 2026-11-10, to: 2025-11-09 }]')),
    /rules\.0\.valid\.0: ends before it/,
  ],
  ['a pack whose days run backwards', yaml(rule(), 'valid: { from: 2026-11-10, to: 2025-11-09 }'), /valid: ends before it begins/],
  ['a rule that is never valid', yaml(rule('    valid: []')), /rules\.0\.valid/],
  ['a day that no calendar has', yaml(rule('    valid: [{ from: 2026-02-30 }]')), /rules\.0\.valid\.0\.from/],
  ['a day that is null', yaml(rule('    valid: [{ to: ~ }]')), /rules\.0\.valid\.0\.to/],
  ['a rule id that is there twice', yaml(rule() + rule()), /a rule id is there twice/],
  ['a pack without rules', yaml(' []'), /rules/],
  ['a key that nobody reads', yaml(rule('    unless: who.chinaLinked')), /Unrecognized key: "unless"/],
  ['an effect that does not exist', yaml(rule()).replace('effect: hold', 'effect: allow'), /rules\.0\.effect/],
  ['a layer that does not exist', yaml(rule()).replace('layer: L1', 'layer: L6'), /rules\.0\.layer/],
  ['a legal status that does not exist', yaml(rule('    legalStatus: law')), /rules\.0\.legalStatus/],
  ['a key that is there twice', yaml(rule('    effect: flag')), /spec\.yaml is not YAML\. Map keys must be unique/],
  ['two packs in one file', `${yaml(rule())}\n---\n${yaml(rule())}`, /spec\.yaml is not YAML\./],
  ['what is cut short', `${yaml(rule())}\nvalid: {`, /spec\.yaml is not YAML\./],
  ['an empty file', '', /spec\.yaml is not a pack/],
  ['a condition that is no condition', yaml(rule()).replace('what.controlled', 'what.controled'), /spec\.yaml: the condition of first /],
])('%s is refused', (_, text, why) => {
  expect(() => read(text)).toThrow(PolicyFault)
  expect(() => read(text)).toThrow(why)
})
