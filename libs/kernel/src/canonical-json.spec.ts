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

test('objects of more shapes than anybody remembers, of many names and of long ones are written alike', () => {
  const nameOf = (n: number): string => ((n * 7919) % 20_011).toString(36)
  for (let n = 0; n < 12_000; n++)
    expect(canonicalJson({ B: 2, [nameOf(n)]: n, A: undefined })).toBe(canonicalJson({ [nameOf(n)]: n, B: 2 }))
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [nameOf(n), n]))
  const sorted = Object.fromEntries(Object.entries(many).sort(([one], [other]) => (one < other ? -1 : 1)))
  const written = canonicalJson(many)
  expect(JSON.parse(written)).toEqual(many)
  expect([...written.matchAll(/"(\w+)":/g)].map(([, name]) => name)).toEqual(Object.keys(many).sort())
  expect(canonicalJson(sorted)).toBe(written)
  expect(canonicalJson({ [`${'y'.repeat(60)}`]: 1, x: 2 })).toBe(`{"x":2,"${'y'.repeat(60)}":1}`)
})
