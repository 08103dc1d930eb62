import { linearScale, upTo } from './scale.mjs'
import { drawing, element, text } from './svg.mjs'

const width = 760
const area = { left: 210, right: 680, top: 50 }
const step = 28

/**
 * Horizontal bars from zero, each labeled with its `text`. `bars`: `{ name, value, text, color: 0..3 }`; `mark`: a line across at
 * `{ value, label }`.
 */
export function barChart({ title, x, bars, mark }) {
  const bottom = area.top + bars.length * step + (mark === undefined ? 0 : 18)
  const top = area.top + (mark === undefined ? 0 : 18)
  const values = [...bars.map(({ value }) => value), ...(mark === undefined ? [] : [mark.value])]
  const { at, ticks } = linearScale(upTo(values), [area.left, area.right])
  const description = `${bars.map((bar) => `${bar.name}: ${bar.text}`).join('. ')}.`
  return drawing({ width, height: bottom + 54, title, description }, [
    ...ticks.flatMap((tick) => [
      element('line', { x1: at(tick), x2: at(tick), y1: top, y2: bottom, class: 'grid' }),
      text(tick.toLocaleString('en-US'), { x: at(tick), y: bottom + 18, 'text-anchor': 'middle', class: 'faint' }),
    ]),
    text(x.label, { x: (area.left + area.right) / 2, y: bottom + 42, 'text-anchor': 'middle', class: 'faint' }),
    ...bars.map((bar, index) => drawn(bar, { at, top: top + index * step })),
    ...(mark === undefined ? [] : marked(mark, { at, top, bottom })),
  ])
}

function drawn({ name, value, text: said, color }, { at, top }) {
  const middle = top + step / 2
  return element(
    'g',
    { class: `c${color}` },
    text(name, { x: area.left - 10, y: middle + 4, 'text-anchor': 'end' }),
    element('rect', { x: area.left, y: top + 5, width: Math.max(1, at(value) - area.left), height: step - 10, rx: 2, class: 'bar' }),
    text(said, { x: at(value) + 6, y: middle + 4 }),
  )
}

const marked = ({ value, label }, { at, top, bottom }) => [
  element('line', { x1: at(value), x2: at(value), y1: top, y2: bottom, class: 'mark' }),
  text(label, { x: at(value), y: top - 6, 'text-anchor': 'middle', class: 'faint' }),
]
