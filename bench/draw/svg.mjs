/** Colors of both themes; whoever shows the file picks by what the reader prefers. */
const themes = {
  light: { ink: '#24292f', faint: '#59636e', grid: '#d1d9e0', colors: ['#0969da', '#bc4c00', '#6e7781', '#1a7f37'] },
  dark: { ink: '#e6edf3', faint: '#9da7b1', grid: '#3d444d', colors: ['#58a6ff', '#f0883e', '#9da7b1', '#56d364'] },
}

const rulesOf = ({ ink, faint, grid, colors }) =>
  [
    `text { fill: ${ink} } .faint { fill: ${faint} } .grid { stroke: ${grid} } .mark { stroke: ${ink} }`,
    ...colors.map((color, n) => `.c${n} .line { stroke: ${color} } .c${n} .dot, .c${n} .bar, .c${n} .label { fill: ${color} }`),
  ].join('\n  ')

const style = `
  svg { font: 13px system-ui, sans-serif }
  .title { font-size: 15px; font-weight: 600 }
  .grid, .mark { stroke-width: 1 } .mark { stroke-dasharray: 2 3 }
  .line { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 6 4 }
  ${rulesOf(themes.light)}
  @media (prefers-color-scheme: dark) {
  ${rulesOf(themes.dark)}
  }`

export const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** One decimal is finer than a pixel. */
const place = (value) => String(Number(value.toFixed(1)))

/** `element('line', { x1: 0, class: 'grid' })`; children are texts of elements, or a text of its own as `{ text }`. */
export function element(name, attributes, ...children) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? place(value) : escaped(value)}"`)
  const inside = children.map((child) => (typeof child === 'string' ? child : escaped(child.text)))
  return inside.length === 0 ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inside.join('')}</${name}>`
}

export const text = (content, attributes) => element('text', attributes, { text: content })

/** `description` is read to those who do not see it. */
export function drawing({ width, height, title, description }, parts) {
  const frame = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' }
  const head = [element('title', {}, { text: title }), element('desc', {}, { text: description }), `<style>${style}\n</style>`]
  return `${element('svg', frame, ...[...head, text(title, { x: 16, y: 24, class: 'title' }), ...parts].map((part) => `\n${part}`), '\n')}\n`
}
