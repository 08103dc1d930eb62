import { around, linearScale, logScale, spread, upTo } from './scale.mjs'
import { drawing, element, text } from './svg.mjs'

const size = { width: 760, height: 380 }
const area = { left: 64, right: 560, top: 62, bottom: 322 }

const shown = (value) =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(value >= 100 ? 3 : 2)))

/**
 * Lines over measured points. `x` and `y`: `{ label, log }`; `series`: `{ name, color: 0..3, dashed, points: [[x, y]] }`. Each line is
 * labeled where it ends, with its last value; the x axis is marked where something was measured.
 */
export function lineChart({ title, x, y, series }) {
  const values = (index) => series.flatMap(({ points }) => points.map((point) => point[index]))
  const marked = [...new Set(values(0))].sort((a, b) => a - b)
  const across = (x.log ? logScale : linearScale)(ends(marked, x), [area.left, area.right])
  const upward = (y.log ? logScale : linearScale)(y.log ? around(values(1)) : upTo(values(1)), [area.bottom, area.top])
  const lasts = series.map(({ points }) => points.at(-1))
  const labels = spread(
    lasts.map(([, value]) => upward.at(value)),
    { height: 17, low: area.top, high: area.bottom },
  )
  const description = series.map(
    ({ name, points }) => `${name}: ${points.map(([at, value]) => `${shown(value)} at ${shown(at)}`).join(', ')}`,
  )
  return drawing({ ...size, title, description: `${description.join('. ')}.` }, [
    ...horizontal(upward, y.label),
    ...marked.map((at) => text(shown(at), { x: across.at(at), y: area.bottom + 20, 'text-anchor': 'middle', class: 'faint' })),
    text(x.label, { x: (area.left + area.right) / 2, y: area.bottom + 44, 'text-anchor': 'middle', class: 'faint' }),
    ...series.flatMap((one, index) => drawn(one, { across, upward, label: labels[index] })),
  ])
}

/** A single point stands in the middle. */
function ends(marked, { log }) {
  const [low, high] = [marked[0], marked.at(-1)]
  if (low !== high) return [low, high]
  return log ? [low / 10, low * 10] : [0, 2 * low]
}

const horizontal = ({ at, ticks }, label) => [
  text(label, { x: 16, y: 46, class: 'faint' }),
  ...ticks.flatMap((tick) => [
    element('line', { x1: area.left, x2: area.right, y1: at(tick), y2: at(tick), class: 'grid' }),
    text(shown(tick), { x: area.left - 8, y: at(tick) + 4, 'text-anchor': 'end', class: 'faint' }),
  ]),
]

function drawn({ name, color, dashed, points }, { across, upward, label }) {
  const places = points.map(([at, value]) => [across.at(at), upward.at(value)])
  const path = places.map(([left, top], n) => `${n === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`).join('')
  const dots = places.map(([left, top]) => element('circle', { cx: left, cy: top, r: 3.5, class: 'dot' }))
  const last = text(`${name}: ${shown(points.at(-1)[1])}`, { x: area.right + 12, y: label + 4, class: 'label' })
  return [element('g', { class: `c${color}` }, element('path', { d: path, class: `line${dashed ? ' dashed' : ''}` }), ...dots, last)]
}
