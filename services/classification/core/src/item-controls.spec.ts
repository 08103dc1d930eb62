import { accelerator, type Accelerator } from '@weir/catalog'
import fc from 'fast-check'
import { rows, tables, TODAY } from '../test/policy-tables.js'
import { judgePart, ruleAt } from './item-controls.js'

const { catalog, controls } = tables
const judge = (part: Accelerator, at = TODAY) => judgePart(part, ruleAt(controls, at), controls.nearFraction)
const listed = (id: string): Accelerator => {
  const part = accelerator(catalog, id)
  if (!part) throw new Error(`no row ${id}`)
  return part
}
const OCTOBER_2022 = '2023-11-16T23:59:59Z'
const OCTOBER_2023 = '2023-11-17T00:00:00Z'

/** Rows where the collected column and the computed answer differ, each with its reason. */
const DIFFERENT_2022: Readonly<Record<string, string>> = {
  'intel-max-1550': 'the counted I/O meets 600 GB/s; the column leaves the way of counting open',
  'google-tpu-v5p': 'the chip links alone reach 600 GB/s; the column leaves the way of counting open',
  'google-tpu-v7': 'the chip links alone pass 600 GB/s; the column leaves the way of counting open',
  'microsoft-maia-100': 'the chip links alone pass 600 GB/s; the column leaves the way of counting open',
  'cerebras-wse3': 'the rate of its host link is not published, so 150 GB/s is a floor',
  'intel-gaudi1': 'its rates are not listed',
}
describe('the tables', () => {
  it.each(rows.accelerators)('$id as collected for October 2022', (row) => {
    const column = row['eccn_oct2022'] ?? ''
    const expected = column === '3A090' ? '3A090.a' : column.startsWith('not ') ? 'none' : 'unknown'
    const { paragraph } = judge(listed(row['id'] ?? ''), OCTOBER_2022)
    expect({ id: row['id'], same: paragraph === expected }).toEqual({ id: row['id'], same: !(String(row['id']) in DIFFERENT_2022) })
  })

  it.each(rows.accelerators)('$id as collected for October 2023', (row) => {
    const column = row['eccn_oct2023'] ?? ''
    const expected = /^3A090\.[ab]$/.test(column) ? column : /^(not |excluded)/.test(column) ? 'none' : 'unknown'
    const { paragraph, basis } = judge(listed(row['id'] ?? ''), OCTOBER_2023)
    expect({ id: row['id'], paragraph }).toEqual({ id: row['id'], paragraph: expected })
    const test = row['eccn_oct2023_paragraph'] ?? ''
    if (/^[ab]\.[12]$/.test(test)) expect(basis).toContain(`3A090.${test}`)
  })
})

describe('golden cases', () => {
  it.each([
    ['nvidia-a800-sxm4-80gb', OCTOBER_2022, 'none'],
    ['nvidia-a800-sxm4-80gb', OCTOBER_2023, '3A090.a'],
    ['nvidia-a100-sxm4-80gb', OCTOBER_2022, '3A090.a'],
    ['nvidia-a100-sxm4-80gb', '2022-10-20T12:00:00Z', 'none'],
    ['nvidia-a100-sxm4-80gb', '2022-10-21T00:00:00Z', '3A090.a'],
    ['nvidia-h20', OCTOBER_2023, 'none'],
    ['nvidia-l4', OCTOBER_2023, '3A090.a'],
    ['nvidia-a10', OCTOBER_2023, 'none'],
    ['nvidia-a30', OCTOBER_2023, '3A090.b'],
    ['nvidia-a40', OCTOBER_2023, '3A090.b'],
    ['nvidia-rtx-4090', OCTOBER_2023, '3A090.a'],
    ['nvidia-rtx-4090d', OCTOBER_2023, 'none'],
    ['nvidia-rtx-6000-ada', OCTOBER_2023, '3A090.a'],
    ['nvidia-rtx-5880-ada', OCTOBER_2023, 'unknown'],
    ['amd-mi355x', OCTOBER_2023, '3A090.a'],
    ['amd-mi308x', OCTOBER_2023, 'unknown'],
    ['aws-trainium1', OCTOBER_2023, 'unknown'],
    ['nvidia-m40', OCTOBER_2023, 'none'],
  ])('%s on %s: %s', (id, at, paragraph) => {
    expect(judge(listed(id), at).paragraph).toBe(paragraph)
  })

  it('says that Note 2 excludes a part, and that it does not from TPP 4800 on', () => {
    expect(judge(listed('nvidia-rtx-4090d')).basis).toContain('Note 2')
    expect(judge(listed('nvidia-rtx-4090')).basis).toContain('3A090.a.1')
  })

  const part = (more: Partial<Accelerator>): Accelerator => ({
    id: 'x',
    vendor: 'x',
    name: 'x',
    ioRateIsFloor: false,
    dataCenterMarketed: 'yes',
    ...more,
  })

  it.each([
    [{ tpp: 4800, applicableDieArea: 10_000 }, '3A090.a'],
    [{ tpp: 4799.99, applicableDieArea: 10_000 }, 'none'],
    [{ tpp: 1600, applicableDieArea: 1600 / 5.92 }, '3A090.a'],
    [{ tpp: 1599.99, applicableDieArea: 100 }, 'none'],
    [{ tpp: 1600, applicableDieArea: 500 }, '3A090.b'],
    [{ tpp: 1600, applicableDieArea: 501 }, 'none'],
    [{ tpp: 2400, applicableDieArea: 1500 }, '3A090.b'],
    [{ tpp: 2399, applicableDieArea: 1500 }, 'none'],
    [{ tpp: 4799, applicableDieArea: 0 }, 'none'],
    [{ tpp: 4800 }, '3A090.a'],
    [{ tpp: 1700 }, 'unknown'],
  ] as const)('%j: %s', (more, paragraph) => {
    expect(judge(part(more)).paragraph).toBe(paragraph)
  })

  it('is near a limit on both sides of it', () => {
    const near = (tpp: number) => judge(part({ tpp, applicableDieArea: 0 })).nearThreshold
    expect([near(4080), near(4079), near(5520), near(5521)]).toEqual([true, false, true, false])
  })
})

describe('properties', () => {
  const anyPart = fc
    .record(
      {
        tpp: fc.double({ min: 0, max: 20_000, noNaN: true }),
        applicableDieArea: fc.double({ min: 0, max: 2000, noNaN: true }),
        ioRate: fc.double({ min: 0, max: 2000, noNaN: true }),
        dataCenterMarketed: fc.constantFrom('yes' as const, 'no' as const),
      },
      { requiredKeys: ['tpp', 'applicableDieArea', 'ioRate', 'dataCenterMarketed'] },
    )
    .map((values): Accelerator => ({ id: 'x', vendor: 'x', name: 'x', ioRateIsFloor: false, ...values }))
  const anyDay = fc.constantFrom(OCTOBER_2022, OCTOBER_2023)

  it('taking a column away yields the same answer or unknown', () => {
    const column = fc.subarray(['tpp', 'applicableDieArea', 'ioRate', 'dataCenterMarketed'] as const, { minLength: 1 })
    fc.assert(
      fc.property(anyPart, column, anyDay, (full, columns, at) => {
        const less: Accelerator = {
          ...(Object.fromEntries(Object.entries(full).filter(([name]) => !columns.some((one) => one === name))) as Omit<
            Accelerator,
            'dataCenterMarketed'
          >),
          dataCenterMarketed: columns.includes('dataCenterMarketed') ? 'unknown' : full.dataCenterMarketed,
        }
        expect([judge(full, at).paragraph, 'unknown']).toContain(judge(less, at).paragraph)
      }),
    )
  })

  it('a higher I/O rate that was only a floor never contradicts the answer', () => {
    fc.assert(
      fc.property(anyPart, fc.double({ min: 0, max: 2000, noNaN: true }), (full, hidden) => {
        const floor = judge({ ...full, ioRateIsFloor: true }, OCTOBER_2022).paragraph
        const truth = judge({ ...full, ioRate: (full.ioRate ?? 0) + hidden }, OCTOBER_2022).paragraph
        expect([truth, 'unknown']).toContain(floor)
      }),
    )
  })

  it('margins grow with the value they measure', () => {
    fc.assert(
      fc.property(anyPart, fc.double({ min: 1, max: 5000, noNaN: true }), (lower, more) => {
        const higher = { ...lower, tpp: (lower.tpp ?? 0) + more }
        const before = judge(lower).margins
        for (const { limit, margin } of judge(higher).margins) {
          const was = before.find((one) => one.limit === limit)
          if (was) expect(margin).toBeGreaterThanOrEqual(was.margin)
        }
      }),
    )
  })

  it('more performance on the same die never leaves 3A090.a', () => {
    fc.assert(
      fc.property(anyPart, fc.double({ min: 0, max: 20_000, noNaN: true }), (part, more) => {
        const stronger = { ...part, tpp: (part.tpp ?? 0) + more }
        if (judge(part).paragraph === '3A090.a') expect(judge(stronger).paragraph).toBe('3A090.a')
      }),
    )
  })
})
