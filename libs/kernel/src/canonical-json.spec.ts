import { canonicalJson } from './canonical-json.js'

test('names are sorted by UTF-16 code units, as RFC 8785 has it', () => {
  // The example of section 3.2.3.
  const value = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew', '1': 'One', '\ud83d\ude00': 'Emoji', '\u0080': 'Control', '\u00f6': 'O umlaut' } // prettier-ignore
  expect(Object.values(JSON.parse(canonicalJson(value)) as object).length).toBe(7)
  expect([...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map(([, name]) => name)).toEqual(['Carriage Return', 'One', 'Control', 'O umlaut', 'Euro Sign', 'Emoji', 'Hebrew']) // prettier-ignore
})

test('values are written as RFC 8785 writes them', () => {
  // The example of section 3.2.2.
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  }
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('the order in which a value was built does not show', () => {
  expect(canonicalJson({ b: { d: 1, c: 2 }, a: [] })).toBe(canonicalJson({ a: [], b: { c: 2, d: 1 } }))
  expect(canonicalJson(-0)).toBe('0')
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
})

test.each([[NaN], [Infinity], ['\ud800'], [{ '\udc00': 1 }], [undefined], [[undefined]], [() => 1], [1n], [Symbol('s')]])(
  '%p has no canonical form',
  (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  },
)

test('numerals as names, and names that every object has, are members like any other', () => {
  const value: unknown = JSON.parse('{"9": 1, "10": {"__proto__": [true], "constructor": ""}, "é\\"": "\\u007f"}')
  expect(canonicalJson(value)).toBe('{"10":{"__proto__":[true],"constructor":""},"9":1,"é\\"":"\u007f"}')
})
