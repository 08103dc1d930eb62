import { csvText } from './csv.js'

const only = (value: string | number | undefined): string => csvText([[value]]).slice(0, -2)

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', `'\t'=1`],
  ['  =1', "'  =1"],
  ['＝1', "'＝1"],
  ['\rx', `"'\rx"`],
  ['\nx', `"'\nx"`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['Acme;=cmd', "Acme;'=cmd"],
  ['Acme; =cmd', "Acme; '=cmd"],
  ['one\n=two', `"one\n'=two"`],
])('%j is no formula to a spreadsheet', (given, written) => {
  expect(only(given)).toBe(written)
})

test.each([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['a\r\nb', '"a\r\nb"'],
  ["'quoted", "'quoted"],
  ['a-b=c', 'a-b=c'],
  ['深圳', '深圳'],
  ['', ''],
  [undefined, ''],
  [7, '7'],
  [-7, '-7'],
])('%j is written as RFC 4180 has it', (given, written) => {
  expect(only(given)).toBe(written)
})

test('rows end in CRLF, the last one too', () => {
  expect(csvText([['a', 'b'], [1]])).toBe('a,b\r\n1\r\n')
  expect(csvText([])).toBe('')
})
