import { readdirSync, readFileSync } from 'node:fs'
import { decide, deriveFacts, type License, type StatedFacts } from '@weir/adjudication-core'
import { parse } from 'yaml'
import { z } from 'zod'
import { POLICY_DIR } from '../config.js'
import { loadPolicy } from './load-policy.js'

const outcome = z.enum(['approve', 'hold', 'deny'])
const area = z.record(z.string(), z.unknown())
const base = z.strictObject({ day: z.iso.date(), request: area, who: area, what: area, where: area })
const expectation = z.strictObject({
  outcome,
  /** code of the first reason */
  reason: z.string(),
  speaks: z.array(z.string()).default([]),
  open: z.array(z.string()).default([]),
  /** what the pack would say, for one in shadow */
  shadow: outcome.optional(),
})
const license = z.strictObject({ paragraphs: z.array(z.enum(['3A090.a', '3A090.b'])), available: z.int() })
const caseFile = z.strictObject({
  pack: z.string(),
  base,
  cases: z.array(z.strictObject({ title: z.string(), ...base.partial().shape, license: license.optional(), expect: expectation })).min(1),
})
type CaseFile = z.infer<typeof caseFile>
type Case = CaseFile['cases'][number]

const policy = loadPolicy(POLICY_DIR)
const folder = new URL('packs/cases/', POLICY_DIR)
const files = readdirSync(folder)
  .sort()
  .map((name) => ({ name, file: caseFile.parse(parse(readFileSync(new URL(name, folder), 'utf8'))) }))

function factsOf(file: CaseFile, one: Case) {
  const merged = (name: 'request' | 'who' | 'what' | 'where') =>
    Object.fromEntries(Object.entries({ ...file.base[name], ...one[name] }).filter(([, value]) => value !== 'unknown'))
  const stated = { request: merged('request'), who: merged('who'), what: merged('what'), where: merged('where') }
  const day = one.day ?? file.base.day
  // A misspelled fact is refused by the conditions' own check of types, or found by the rule that it should have moved.
  return { day, facts: deriveFacts({ day, ...stated } as StatedFacts, policy.groups) }
}

function verdictOf(file: CaseFile, one: Case) {
  const licenses: License[] = one.license
    ? [
        {
          licenseId: 'l',
          number: 'D1',
          customerId: 'c',
          models: [],
          validFrom: '2020-01-01T00:00:00Z',
          validTo: '2030-01-01T00:00:00Z',
          ...one.license,
        },
      ]
    : []
  const { day, facts } = factsOf(file, one)
  return decide({ facts, day, now: `${day}T12:00:00Z`, packs: policy.packs, customerId: 'c', licenses })
}

test('every pack has its cases, and nothing else has', () => {
  expect(files.map(({ name, file }) => [name, file.pack])).toEqual(policy.packs.map(({ id }) => [`${id}.yaml`, id]))
})

describe.each(files)('$name', ({ file }) => {
  test.each(file.cases.map((one) => [one.title, one] as const))('%s', (_, one) => {
    const verdict = verdictOf(file, one)
    const told = (verdict.shadow[file.pack]?.findings ?? verdict.findings).filter((finding) => finding.pack === file.pack)
    const named = (truth: 'true' | 'unknown') =>
      told.flatMap((finding) => (finding.truth === truth ? [finding.rule.slice(file.pack.length + 1)] : [])).sort()
    expect({
      outcome: verdict.outcome,
      reason: verdict.reasons[0]?.code,
      speaks: named('true'),
      open: named('unknown'),
      shadow: verdict.shadow[file.pack]?.outcome,
    }).toEqual({ shadow: undefined, ...one.expect, speaks: [...one.expect.speaks].sort(), open: [...one.expect.open].sort() })
  })

  test('each rule speaks in one case and is silent in another; each that decides is left open in one', () => {
    const rules = policy.packs.find(({ id }) => id === file.pack)?.rules ?? []
    for (const { id, effect } of rules) {
      const speaking = file.cases.filter((one) => one.expect.speaks.includes(id)).length
      expect([id, speaking > 0, speaking < file.cases.length]).toEqual([id, true, true])
      const open = file.cases.some((one) => one.expect.open.includes(id))
      expect([id, effect === 'flag' || open]).toEqual([id, true])
    }
  })
})
