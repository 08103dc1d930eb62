import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

async function simulate(...words: readonly string[]): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, ['simulation/run.mjs', ...words], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((done, failed) => child.once('exit', done).once('error', failed))
  const said = await text(child.stdout)
  return { code: await ended, lines: said.trimEnd().split('\n') }
}

const about = (lines: readonly string[], start: string): string | undefined => lines.find((line) => line.startsWith(start))

test('1,000 seeds break no invariant', async () => {
  const { code, lines } = await simulate('--runs', '1000')
  process.stderr.write(`${lines[0]}\n${lines[1]}\n`)
  expect({ code, alarms: lines.filter((line) => line.includes('breaks')) }).toEqual({ code: 0, alarms: [] })
  // All that can go wrong did, and nothing was left out.
  expect(lines[0]).toMatch(/^1000 runs of 40 requests .* no violation$/)
  for (const fault of [
    'crashes',
    'deadlock detected',
    'fenced off',
    'forged receipts',
    'parked',
    'repeated events',
    'spoilt messages',
    'take-overs',
    'the answer of the commit is lost',
    'the broker did not answer',
    'the transaction was broken off',
  ])
    expect(Number(about(lines, `  ${fault}: `)?.split(': ')[1]?.replaceAll(',', ''))).toBeGreaterThan(30)
}, 300_000)

test('a seed yields the same history again, whatever runs beside it', async () => {
  const alone = await simulate('--runs', '20', '--history', '--jobs', '1')
  const beside = await simulate('--runs', '20', '--history', '--jobs', '3')
  const histories = alone.lines.filter((line) => /^seed \d+: history [0-9a-f]{32}$/.test(line))
  expect(new Set(histories.map((line) => line.split(' ').at(-1))).size).toBe(20)
  expect(beside.lines.filter((line) => line.includes('history'))).toEqual(histories)
})

describe('planted', () => {
  const found = new Map<string, string>()
  beforeAll(async () => {
    const { code, lines } = await simulate('--plants', '--runs', '60')
    for (const line of lines) found.set(line.split(': ')[0] ?? '', line)
    expect(code).toBe(0)
  }, 120_000)

  test.each([
    ['inbox-off', 'I9'],
    ['fence-off', 'I10'],
    ['offset-before-commit', 'I12'],
    ['relay-before-commit', 'I11'],
    ['receipt-check-off', 'I8'],
    ['index-gap', 'I4'],
    ['balance-check-off', 'I5'],
  ])('%s is found by %s', (plant, invariant) => {
    expect(found.get(plant)).toMatch(new RegExp(`found at seed \\d+ by (.*; )?${invariant} `))
  })

  test('a seed that breaks says how to see it again, and breaks in the same way', async () => {
    const first = await simulate('--plant', 'balance-check-off', '--runs', '60')
    const again = about(first.lines, 'again: npm run simulate -- ')
    expect([first.code, first.lines.length > 2, again]).toEqual([1, true, expect.stringContaining('--runs 1 ')])
    expect(await simulate(...(again ?? '').split(' ').slice(5))).toEqual(first)
  })
})
