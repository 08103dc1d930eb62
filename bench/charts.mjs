import { barChart } from './draw/bar-chart.mjs'
import { lineChart } from './draw/line-chart.mjs'
import { nameOf } from './names.mjs'
import { workOf } from './tables.mjs'
import { at, wantedPerSecond } from './verdict.mjs'

/** Every chart that the figures have something for: `{ part, file, title, svg }`; `part` is the table that it stands with. */
export function chartsOf({ transports }) {
  const measured = Object.entries(transports)
  return [
    ...measured.flatMap(latency),
    ...measured.flatMap(cpu),
    ...saturation(measured),
    ...growth(measured, {
      file: 'growth-latency',
      title: 'Latency with more customers',
      label: 'milliseconds',
      values: [
        ['p50', ({ p50 }) => p50, false],
        ['p99', ({ p99 }) => p99, true],
      ],
    }),
    ...growth(measured, {
      file: 'growth-cpu',
      title: 'CPU of a request with more customers',
      label: 'milliseconds, without the load',
      values: [['', ({ cpu: used }) => workOf(used), false]],
    }),
  ].map(({ part, file, draw, ...chart }) => ({ part, file: `${file}.svg`, title: chart.title, svg: draw(chart) }))
}

const pointsOf = (loads, value) => loads.flatMap((load) => (value(load) === undefined ? [] : [[load.rate, value(load)]]))

function latency([kind, { floor, weir }]) {
  const line = (loads, name, how) =>
    ['p99', 'p50'].flatMap((share) => {
      const points = pointsOf(loads ?? [], (load) => load[share])
      return points.length === 0 ? [] : [{ name: `${name} ${share}`, dashed: share === 'p99', points, ...how }]
    })
  const series = [...line(weir.latency, 'Weir', { color: 0 }), ...line(floor.latency, 'floor', { color: 2 })]
  const title = `${nameOf(kind)}: latency of a decision with its receipt`
  const axes = { x: { label: 'requests a second' }, y: { label: 'milliseconds, logarithmic', log: true } }
  return series.length === 0 ? [] : [{ part: 'latency', file: `latency-${kind}`, title, draw: lineChart, ...axes, series }]
}

function cpu([kind, { weir }]) {
  const used = (at(weir.latency, 100) ?? weir.latency?.[0])?.cpu
  if (used === undefined) return []
  const parts = Object.entries(used.perRequest).sort(([, a], [, b]) => b - a)
  const color = (part) => ({ generator: 2, database: 1, broker: 3 })[part] ?? 0
  const bars = parts.map(([part, value]) => ({ name: part, value, text: `${value.toFixed(2)} ms`, color: color(part) }))
  const { rate } = at(weir.latency, 100) ?? weir.latency[0]
  return [
    {
      part: 'cpu',
      file: `cpu-${kind}`,
      title: `${nameOf(kind)}: CPU of a request at ${rate}/s`,
      draw: barChart,
      x: { label: 'milliseconds' },
      bars,
    },
  ]
}

function saturation(measured) {
  const bar = (kind, name, { found, color }) =>
    found === undefined ? [] : [{ name: `${nameOf(kind)}, ${name}`, value: found.rate, text: found.rate.toLocaleString('en-US'), color }]
  const bars = measured.flatMap(([kind, { floor, weir }]) => [
    ...bar(kind, 'Weir', { found: weir.saturation, color: 0 }),
    ...bar(kind, 'floor', { found: floor.saturation, color: 2 }),
  ])
  const mark = { value: wantedPerSecond, label: 'wanted' }
  const chart = { part: 'saturation', file: 'saturation', title: 'Decisions a second that hold', draw: barChart }
  return bars.length === 0 ? [] : [{ ...chart, x: { label: 'decisions a second' }, bars, mark }]
}

function growth(measured, { file, title, label, values }) {
  const series = measured.flatMap(([kind, { weir }], index) =>
    values.flatMap(([name, value, dashed]) => {
      const points = (weir.growth ?? []).flatMap((step) => (value(step) === undefined ? [] : [[step.customers, value(step)]]))
      return points.length === 0 ? [] : [{ name: `${nameOf(kind)} ${name}`.trim(), color: index, dashed, points }]
    }),
  )
  const axes = { x: { label: 'customers, logarithmic', log: true }, y: { label } }
  return series.length === 0 ? [] : [{ part: 'growth', file, title, draw: lineChart, ...axes, series }]
}
