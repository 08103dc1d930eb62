import fc from 'fast-check'
import { normalizeName } from './normalize-name.js'

describe('normalizeName', () => {
  it.each([
    ['Example Listed Systems Co., Ltd.', 'EXAMPLE LISTED SYSTEMS CO LTD'],
    ['Müller & Söhne', 'Muller and Sohne'],
    ['Straße', 'STRASSE'],
    ['GROẞMANN', 'Grossmann'],
    ['Łódź Ørsted', 'lodz orsted'],
    ['S.A. Demo', 'SA Demo'],
    ['S. A. Demo', 'SA Demo'],
    ['Al-Demo', 'al demo'],
    ["D'Example", 'DExample'],
    ['Ｅｘａｍｐｌｅ', 'Example'],
    ['İstanbul', 'istanbul'],
    ['ΣΑΣ', 'σας'],
    ['De\u200bmo', 'Demo'],
  ])('takes %p and %p for one name', (one, other) => {
    expect(normalizeName(one)).toBe(normalizeName(other))
  })

  it.each([
    ['Demo Inc', 'Demo Ltd'],
    ['Demo One', 'DemoOne'],
    ['का', 'की'],
  ])('keeps %p and %p apart', (one, other) => {
    expect(normalizeName(one)).not.toBe(normalizeName(other))
  })

  it('leaves nothing of a name without letters', () => {
    expect(normalizeName(' - . ')).toBe('')
  })

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const once = normalizeName(name)
        expect(normalizeName(once)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing when it is applied again, for every single character', () => {
    const unstable: string[] = []
    for (let code = 0; code <= 0x10ffff; code++) {
      const once = normalizeName(String.fromCodePoint(code))
      if (once !== '' && normalizeName(once) !== once) unstable.push(`U+${code.toString(16)}`)
    }
    expect(unstable).toEqual([])
  })
})
