import fc from 'fast-check'
import { facts, input, license, pack, rule } from '../test/rules.js'
import { decide, type DecideInput, type Verdict } from './decide.js'
import type { CompiledRule, Effect, Layer, Truth } from './rule.js'

const outcomeFor = (rules: readonly CompiledRule[], changes: Partial<DecideInput> = {}): Verdict => decide(input([pack(rules)], changes))
const codes = ({ reasons }: Verdict) => reasons.map(({ code }) => code)

describe('one rule', () => {
  test('none that speaks: approve', () => {
    const verdict = outcomeFor([rule('quiet', { effect: 'deny', truth: 'false' })])
    expect(verdict).toEqual({
      outcome: 'approve',
      reasons: [{ code: 'no-rule-applies', sentence: 'No rule in force stands in the way.' }],
      findings: [],
      ifShipped: { outcome: 'approve', findings: [] },
      shadow: {},
    })
  })

  test.each<[Effect, Truth, Verdict['outcome'], string]>([
    ['deny', 'true', 'deny', 'the-rule'],
    ['license-required', 'true', 'deny', 'license-required'],
    ['hold', 'true', 'hold', 'the-rule'],
    ['deny', 'unknown', 'hold', 'facts-missing'],
    ['license-required', 'unknown', 'hold', 'facts-missing'],
    ['hold', 'unknown', 'hold', 'facts-missing'],
    ['flag', 'true', 'approve', 'no-rule-applies'],
    ['flag', 'unknown', 'approve', 'no-rule-applies'],
    ['obligation', 'true', 'approve', 'no-rule-applies'],
    ['obligation', 'unknown', 'approve', 'no-rule-applies'],
  ])('%s that is %s: %s, %s', (effect, truth, outcome, code) => {
    const verdict = outcomeFor([rule('the-rule', { effect, truth })])
    expect([verdict.outcome, verdict.reasons[0]?.code]).toEqual([outcome, code])
  })

  test('its reason tells rule, citation, layer and legal status', () => {
    const { reasons } = outcomeFor([rule('the-rule', { effect: 'deny', layer: 'L5', legalStatus: 'company-policy' })])
    expect(reasons).toEqual([
      {
        code: 'the-rule',
        sentence: 'The rule the-rule speaks.',
        rule: 'law/the-rule',
        citation: '§ the-rule',
        legalStatus: 'company-policy',
        layer: 'L5',
      },
    ])
  })

  test('the facts that leave it open are named', () => {
    const verdict = outcomeFor([rule('open', { truth: 'unknown', paths: ['who.headquarters', 'who.parentGroups'] })])
    expect(verdict.reasons[0]).toMatchObject({
      sentence: 'It is not known whether this applies: The rule open speaks.',
      missing: ['who.parentHeadquarters'],
    })
    expect(verdict.findings[0]).toMatchObject({ truth: 'unknown', missing: ['who.parentHeadquarters'] })
  })

  test.each([
    [{ from: '2026-03-02' }, 'deny'],
    [{ from: '2026-03-03' }, 'approve'],
    [{ to: '2026-03-02' }, 'deny'],
    [{ to: '2026-03-01' }, 'approve'],
  ])('valid %j, as a rule and as a pack: %s', (valid, outcome) => {
    const deny = rule('dated', { effect: 'deny' })
    expect(decide(input([pack([deny], { valid })])).outcome).toBe(outcome)
    expect(decide(input([pack([{ ...deny, valid: [{ to: '2000-01-01' }, valid] }])])).outcome).toBe(outcome)
  })
})

describe('many rules', () => {
  test('denials come first, then what is open, then notes; by layer, and within a layer in the order of the pack', () => {
    const verdict = outcomeFor([
      rule('note', { effect: 'flag', layer: 'L0' }),
      rule('hold-l1', { effect: 'hold', layer: 'L1' }),
      rule('deny-l5', { effect: 'deny', layer: 'L5' }),
      rule('duty', { effect: 'obligation', layer: 'L4' }),
      rule('license-l1', { effect: 'license-required', layer: 'L1' }),
      rule('deny-l1-b', { effect: 'deny', layer: 'L1' }),
      rule('open-l0', { effect: 'deny', layer: 'L0', truth: 'unknown' }),
      rule('deny-l1-a', { effect: 'deny', layer: 'L1' }),
    ])
    expect(verdict.outcome).toBe('deny')
    expect(codes(verdict)).toEqual(['deny-l1-b', 'deny-l1-a', 'license-required', 'deny-l5', 'facts-missing', 'hold-l1', 'note', 'duty'])
    expect(verdict.findings.map((finding) => finding.layer)).toEqual(['L0', 'L0', 'L1', 'L1', 'L1', 'L1', 'L4', 'L5'])
  })

  test('a denial beyond what is reported still denies', () => {
    const many = Array.from({ length: 250 }, (_, n) => rule(`flag-${n}`, { effect: 'flag', layer: 'L0' }))
    const verdict = outcomeFor([...many, rule('last', { effect: 'deny', layer: 'L5' })])
    expect([verdict.outcome, verdict.reasons[0]?.code, verdict.reasons.length, verdict.findings.length]).toEqual(['deny', 'last', 100, 200])
  })
})

describe('who and what', () => {
  test('an unknown tenant is held, and rules that are open only for that add nothing', () => {
    const rules = [
      rule('about-who', { truth: 'unknown', paths: ['who.lists'] }),
      rule('about-where', { truth: 'unknown', paths: ['where.groups'] }),
    ]
    const { headquarters: _h, headquartersGroups: _g, ...who } = facts({ who: { state: 'unknown-tenant' } }).who
    const verdict = outcomeFor(rules, { facts: { ...facts(), who } })
    expect([verdict.outcome, codes(verdict)]).toEqual(['hold', ['unknown-tenant', 'facts-missing']])
    expect(verdict.reasons[1]?.rule).toBe('law/about-where')
  })

  test('what identity did not say is no known tenant either', () => {
    expect(codes(outcomeFor([], { facts: { ...facts(), who: {} } }))).toEqual(['unknown-tenant'])
  })

  test('an unknown SKU is held', () => {
    const verdict = outcomeFor([rule('about-what', { truth: 'unknown', paths: ['what.controlled'] })], { facts: { ...facts(), what: {} } })
    expect([verdict.outcome, codes(verdict)]).toEqual(['hold', ['unknown-sku']])
  })

  test('a denial stands before both', () => {
    const verdict = outcomeFor([rule('blocked', { effect: 'deny' })], { facts: { ...facts(), who: {}, what: {} } })
    expect([verdict.outcome, codes(verdict)]).toEqual(['deny', ['blocked', 'unknown-tenant', 'unknown-sku']])
  })

  test.each<[Layer, Effect, Truth, Verdict['outcome'], string]>([
    ['L0', 'deny', 'true', 'deny', 'the-rule'],
    ['L0', 'deny', 'unknown', 'hold', 'facts-missing'],
    ['L1', 'deny', 'true', 'approve', 'no-controlled-item'],
    ['L1', 'hold', 'unknown', 'approve', 'no-controlled-item'],
    ['L5', 'license-required', 'true', 'approve', 'no-controlled-item'],
  ])('without any accelerator, %s %s that is %s: %s, %s', (layer, effect, truth, outcome, code) => {
    const none = facts({ what: { resolution: 'none', paragraph: 'none', controlled: false, parts: [] } })
    const verdict = outcomeFor([rule('the-rule', { layer, effect, truth, paths: ['who.lists'] })], { facts: none })
    expect([verdict.outcome, codes(verdict)[0]]).toEqual([outcome, code])
  })

  test('what gives compute back is approved whatever the rules say', () => {
    const verdict = outcomeFor([rule('blocked', { effect: 'deny' })], { facts: facts({ request: { action: 'delete' } }) })
    expect([verdict.outcome, codes(verdict)]).toEqual(['approve', ['gives-back-compute']])
  })
})

describe('rules about hardware that moves', () => {
  const moving = [rule('moves', { layer: 'L2', effect: 'deny' }), rule('seat', { layer: 'L3', effect: 'license-required' })]

  test('remote: only as if it had been shipped', () => {
    const verdict = outcomeFor(moving)
    expect([verdict.outcome, verdict.findings]).toEqual(['approve', []])
    expect([verdict.ifShipped.outcome, verdict.ifShipped.findings.map(({ rule: name }) => name)]).toEqual([
      'deny',
      ['law/moves', 'law/seat'],
    ])
  })

  test.each(['dedicated-host', 'colocation', 'on-premises', 'reseller-rack'] as const)('%s: for real', (delivery) => {
    expect(outcomeFor(moving, { facts: facts({ request: { delivery, movesHardware: true } }) }).outcome).toBe('deny')
  })

  test('how it is delivered is unknown: held, and that is what is missing', () => {
    const { request, ...rest } = facts()
    const { delivery: _d, movesHardware: _m, ...open } = request
    const verdict = outcomeFor(moving, { facts: { ...rest, request: open } })
    expect([verdict.outcome, verdict.reasons[0]?.missing]).toEqual(['hold', ['request.delivery']])
  })

  test('as if shipped reads the seat of the customer as destination', () => {
    const seen: (string | undefined)[] = []
    const watching: CompiledRule = { ...rule('watch', { layer: 'L2' }), evaluate: ({ where }) => (seen.push(where.country), 'false') }
    outcomeFor([watching], { facts: facts({ who: { headquarters: 'AE' }, where: { country: 'US' } }) })
    expect(seen).toEqual(['US', 'AE'])
  })
})

describe('license', () => {
  const needs = rule('needs', { effect: 'license-required', layer: 'L5', legalStatus: 'company-policy' })

  test('covers: approved, with what it draws and the rule it answers', () => {
    const verdict = outcomeFor([needs], { licenses: [license()] })
    expect(verdict).toMatchObject({
      outcome: 'approve',
      licenseDraw: { licenseId: 'license-1', number: 'D1000001', quantity: 8 },
      reasons: [
        {
          code: 'license-covers',
          rule: 'law/needs',
          citation: '§ needs',
          sentence: 'License D1000001 covers the 8 accelerators for which a license is required.',
        },
      ],
    })
  })

  test('covers an ask for which a license may be required: drawn as if it were', () => {
    const verdict = outcomeFor([rule('may', { effect: 'license-required', truth: 'unknown' })], { licenses: [license()] })
    expect(verdict).toMatchObject({
      outcome: 'approve',
      licenseDraw: { quantity: 8 },
      reasons: [{ code: 'license-covers', sentence: 'License D1000001 covers the 8 accelerators for which a license may be required.' }],
    })
  })

  test.each([
    ['of another customer', { customerId: 'customer-2' }, 'license-required'],
    ['for another paragraph', { paragraphs: ['3A090.b' as const] }, 'license-required'],
    ['for another model', { models: ['nvidia-a100-sxm'] }, 'license-required'],
    ['that ends at this instant', { validTo: '2026-03-02T10:15:00Z' }, 'license-required'],
    ['that starts a moment later', { validFrom: '2026-03-02T10:15:00.001Z' }, 'license-required'],
    ['one accelerator short', { available: 7 }, 'license-balance-exhausted'],
  ])('nearly covers, %s: denied', (_, changes, code) => {
    const verdict = outcomeFor([needs], { licenses: [license(changes)] })
    expect([verdict.outcome, codes(verdict), verdict.licenseDraw]).toEqual(['deny', [code], undefined])
  })

  test('what is short is said in numbers', () => {
    const [reason] = outcomeFor([needs], { licenses: [license({ available: 7 })] }).reasons
    expect(reason?.sentence).toBe('The rule needs speaks. License D1000001 has 7 accelerators left, 8 are needed.')
  })

  test('is not drawn where no rule asks for one, nor where something else denies', () => {
    expect(outcomeFor([], { licenses: [license()] }).licenseDraw).toBeUndefined()
    const denied = outcomeFor([needs, rule('blocked', { effect: 'deny' })], { licenses: [license()] })
    expect([denied.outcome, codes(denied), denied.licenseDraw]).toEqual(['deny', ['blocked'], undefined])
  })

  test('of a held request says what it would draw', () => {
    expect(outcomeFor([needs, rule('look', { effect: 'hold' })], { licenses: [license()] })).toMatchObject({
      outcome: 'hold',
      reasons: [{ code: 'look' }],
      licenseDraw: { quantity: 8 },
    })
  })
})

describe('laws', () => {
  const truth = fc.constantFrom<Truth>('true', 'false', 'unknown')
  const effect = fc.constantFrom<Effect>('deny', 'license-required', 'hold', 'flag', 'obligation')
  const layer = fc.constantFrom<Layer>('L0', 'L1', 'L2', 'L3', 'L4', 'L5')
  const rules = (of: fc.Arbitrary<Truth>) =>
    fc
      .array(fc.record({ effect, layer, truth: of }), { maxLength: 8 })
      .map((all) => all.map((one, n) => ({ ...rule(`rule-${n}`, one), truth: one.truth })))
  const delivery = fc.constantFrom(
    { delivery: 'remote' as const, movesHardware: false },
    { delivery: 'colocation' as const, movesHardware: true },
  )
  const licenses = fc.constantFrom([], [license()], [license({ available: 1 })])

  test('a pack in shadow changes nothing but its own verdict', () => {
    fc.assert(
      fc.property(rules(truth), rules(truth), licenses, (real, shadowed, of) => {
        const enforced = input([pack(real)], { licenses: of })
        const alone = decide(enforced)
        const beside = decide({ ...enforced, packs: [pack(shadowed, { id: 'beside', mode: 'shadow' }), ...enforced.packs] })
        const { shadow, ...rest } = beside
        expect({ ...rest, shadow: {} }).toEqual(alone)
        expect(Object.keys(shadow)).toEqual(['beside'])
        expect(shadow['beside']?.findings).toEqual(decide({ ...enforced, packs: [pack(shadowed, { id: 'beside' })] }).findings)
      }),
    )
  })

  test('a rule that becomes unknown, or an area that is lost, never yields an approval that was not there', () => {
    const known = fc.constantFrom<Truth>('true', 'false')
    const lost = fc.record({ mask: fc.integer({ min: 0, max: 255 }), tenant: fc.boolean(), machines: fc.boolean(), delivery: fc.boolean() })
    let approvedStill = 0
    fc.assert(
      fc.property(rules(known), delivery, licenses, lost, (all, how, of, gone) => {
        const whole = facts({ request: how })
        const full = decide(input([pack(all)], { licenses: of, facts: whole }))
        const fewer = all.map((one, n) => ((gone.mask >> n) & 1 ? { ...one, evaluate: () => 'unknown' as const } : one))
        const { delivery: _d, movesHardware: _m, ...open } = whole.request
        const left = {
          request: gone.delivery ? open : whole.request,
          who: gone.tenant ? {} : whole.who,
          what: gone.machines ? {} : whole.what,
          where: whole.where,
        }
        const less = decide(input([pack(fewer)], { licenses: of, facts: left }))
        if (less.outcome !== 'approve') return
        approvedStill += 1
        expect(full.outcome).toBe('approve')
      }),
      { numRuns: 2000 },
    )
    expect(approvedStill).toBeGreaterThan(50)
  })
})
