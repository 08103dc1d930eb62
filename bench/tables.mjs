import { nameOf } from './names.mjs'
import { goalsOf, sumOf } from './verdict.mjs'

const number = (value, digits = 1) => (value === undefined ? '-' : value.toFixed(digits))

/** Every table of a run: `{ title, note, head, rows }`, all cells text, the first one the row's name; those without figures left out. */
export function tablesOf({ transports }) {
  const tables = [goals(transports), latency(transports), cpu(transports), saturation(transports), start(transports), idle(transports)]
  return [...tables, memory(transports), statements(transports), growth(transports)].filter(({ rows }) => rows.length > 0)
}

const each = (transports, rowsOf) => Object.entries(transports).flatMap(([kind, measured]) => rowsOf(measured, nameOf(kind)))

const goals = (transports) => ({
  title: 'Wanted and reached',
  head: ['', 'transport', 'wanted', 'reached', ''],
  rows: goalsOf(transports).map(({ what, kind, wanted, reached, met }) => [what, nameOf(kind), wanted, reached, met ? 'yes' : 'no']),
})

function answersOf({ answers, gaveUp }) {
  const counts = Object.entries(answers).map(([answer, count]) => `${count} × ${answer}`)
  const said = Object.keys(answers).join() === '200 approve' ? 'all approved' : counts.join(', ')
  return gaveUp ? `did not hold: requests piled up; of those sent, ${said}` : said
}

const latencyRow = (name, load) => [
  name,
  String(load.rate),
  ...[load.p50, load.p95, load.p99, load.p999, load.max, load.sentLate.p99].map((value) => number(value)),
  answersOf(load),
]

const latency = (transports) => ({
  title: 'Latency, milliseconds',
  note: 'Of `:decide` with its receipt, from the moment a request was meant to start. Sent late: how much of p99 may be the load’s own doing.',
  head: ['', 'requests/s', 'p50', 'p95', 'p99', 'p99.9', 'max', 'sent late, p99', 'answers'],
  rows: each(transports, ({ floor, weir }, name) =>
    (weir.latency ?? []).flatMap((load) => {
      const bare = floor.latency?.find(({ rate }) => rate === load.rate)
      return [...(bare ? [latencyRow(`${name}: floor`, bare)] : []), latencyRow(`${name}: Weir`, load)]
    }),
  ),
})

const cpu = (transports) => {
  const rates = [
    ...new Set(each(transports, ({ floor, weir }) => [...(floor.latency ?? []), ...(weir.latency ?? [])].map(({ rate }) => rate))),
  ]
  return {
    title: 'CPU of a request, milliseconds',
    note: 'By process. Others: what else ran on the machine meanwhile, in cores.',
    head: ['', 'part', ...rates.map((rate) => `at ${rate}/s`)],
    rows: each(transports, ({ floor, weir }, name) => [
      ...cpuRows(`${name}: floor`, { loads: floor.latency, rates }),
      ...cpuRows(`${name}: Weir`, { loads: weir.latency, rates }),
    ]),
  }
}

function cpuRows(name, { loads = [], rates }) {
  const used = rates.map((rate) => loads.find((load) => load.rate === rate)?.cpu)
  const parts = [...new Set(used.flatMap((one) => Object.keys(one?.perRequest ?? {})))]
  if (parts.length === 0) return []
  return [
    ...parts.map((part) => [name, part, ...used.map((one) => number(one?.perRequest[part], 2))]),
    [name, 'all but the load', ...used.map((one) => number(workOf(one), 2))],
    [name, 'others, cores', ...used.map((one) => number(one?.cores.others, 2))],
  ]
}

const saturation = (transports) => ({
  title: 'Saturation',
  note: 'The highest rate at which the backlog did not grow, every answer was a decision, and p99 stayed below one second.',
  head: ['', 'decisions/s', 'for', 'p50', 'p99', 'cores of the load', 'of the broker', 'of the database', 'of the rest'],
  rows: each(transports, ({ floor, weir }, name) => [
    ...saturationRow(`${name}: floor`, floor.saturation),
    ...saturationRow(`${name}: Weir`, weir.saturation),
  ]),
})

function saturationRow(name, found) {
  if (found === undefined) return []
  const { rate, confirmed } = found
  if (confirmed === undefined) return [[name, '0', '-', '-', '-', '-', '-', '-', '-']]
  const { generator, broker, database, others: _, ...rest } = confirmed.cpu?.cores ?? {}
  const cores = [generator, broker, database, sumOf(Object.values(rest))].map((value) => number(value, 2))
  return [[name, String(rate), `${confirmed.seconds} s`, number(confirmed.p50), number(confirmed.p99), ...cores]]
}

const start = (transports) => ({
  title: 'Start, milliseconds',
  note: 'From the command, after the installation, to what is said; the worst of all tries. `again`: with the database of the first start.',
  head: ['', 'tries', 'ready', 'first decision', 'again: first decision'],
  rows: each(transports, ({ weir }, name) => {
    if (weir.start === undefined) return []
    const worst = (what) => number(Math.max(...weir.start.map(what)), 0)
    const [ready, decided] = [worst(({ first }) => first.ready), worst(({ first }) => first.decided)]
    return [[name, String(weir.start.length), ready, decided, worst(({ again }) => again.decided)]]
  }),
})

const idle = (transports) => ({
  title: 'CPU without load, percent of one core',
  head: ['', 'part', 'percent'],
  rows: each(transports, ({ weir }, name) =>
    Object.entries(weir.idle?.cores ?? {}).map(([part, cores]) => [name, part, number(cores * 100)]),
  ),
})

const memory = (transports) => ({
  title: 'Memory, MB',
  note: 'After the load. `shared once`: pages that several processes share are divided among them.',
  head: ['', 'part', 'processes', 'resident', 'shared once'],
  rows: each(transports, ({ weir }, name) =>
    Object.entries(weir.idle?.memory ?? {}).map(([part, { processes, rss, pss }]) => [
      name,
      part,
      String(processes),
      number(rss, 0),
      number(pss, 0),
    ]),
  ),
})

const statements = (transports) => ({
  title: 'SQL of a request',
  note: 'Counted by PostgreSQL, in a run of its own. `log` is the PostgreSQL log, where services do not use their own connection for it.',
  head: ['', 'requests/s', 'whose', 'statements', 'ms in the server'],
  rows: each(transports, ({ weir }, name) => {
    if (weir.statements === undefined) return []
    const { rate, perRequest } = weir.statements
    const rows = Object.entries(perRequest)
    const all = ['all', { statements: sumOf(rows.map(([, row]) => row.statements)), ms: sumOf(rows.map(([, row]) => row.ms)) }]
    return [...rows, all].map(([whose, row]) => [name, String(rate), whose, number(row.statements, 2), number(row.ms, 2)])
  }),
})

const growth = (transports) => ({
  title: 'Growth',
  note: 'The same load, spread over ever more customers.',
  head: ['', 'customers', 'came in', 'a second', 'p50', 'p99', 'CPU ms a request, without the load'],
  rows: each(transports, ({ weir }, name) =>
    (weir.growth ?? []).map(({ customers, filled, p50, p99, cpu: used }) => [
      name,
      customers.toLocaleString('en-US'),
      filled.how,
      filled.perSecond.toLocaleString('en-US'),
      number(p50),
      number(p99),
      number(workOf(used), 2),
    ]),
  ),
})

/** CPU milliseconds of a request that are not the load's own. */
export const workOf = (used) =>
  used && sumOf(Object.entries(used.perRequest).flatMap(([part, value]) => (part === 'generator' ? [] : [value])))

/** For a terminal. */
export function textOf({ title, note, head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)))
  const isNumber = head.map(
    (_, column) => column > 0 && rows.some((row) => /\d/.test(row[column])) && rows.every((row) => /^[-\d.,]*$/.test(row[column])),
  )
  const line = (row) =>
    row
      .map((cell, column) => (isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd()
  return [`\n${title}`, ...(note === undefined ? [] : [note]), line(head), ...rows.map(line)].join('\n')
}
