import { boxesOf } from '../flame.mjs'
import { element, escaped, text } from './svg.mjs'

const [width, row, top] = [1_400, 17, 62]
const LETTER = 6.6

/** Light fills with dark letters read well on any ground. */
const kinds = [
  {
    name: 'services of Weir',
    fill: '#ffb77c',
    of: (owner) => /^weir\/(gateway|identity|classification|adjudication|ledger|reports)$/.test(owner),
  },
  { name: 'libraries of Weir', fill: '#ffdf8c', of: (owner) => owner.startsWith('weir/') },
  { name: 'Node', fill: '#b6e3a1', of: (owner) => owner === 'node' },
  { name: 'native and garbage collection', fill: '#c9d1d9', of: (owner) => owner === 'native' },
  { name: 'packages', fill: '#a8d1ff', of: () => true },
]
const kindOf = (owner) => kinds.find((kind) => kind.of(owner))

/** Callers below, callees above; a box is as wide as its share of the time. Pointing at one tells the rest. */
export function flameChart({ title, tree }) {
  const boxes = boxesOf(tree, { least: 0.0012 })
  const depth = Math.max(0, ...boxes.map((box) => box.depth))
  const height = top + (depth + 1) * row + 12
  const frame = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' }
  const style = `text { font: 11px ui-monospace, monospace; fill: #1f2328 } .head { font: 13px system-ui, sans-serif; fill: #59636e }
  .title { font-weight: 600; font-size: 15px } rect { stroke: #0d1117; stroke-width: 0.3 }
  @media (prefers-color-scheme: dark) {
  .head { fill: #9da7b1 }
  }`
  const parts = [
    element('title', {}, { text: title }),
    `<style>${style}</style>`,
    text(`${title}: ${(tree.total / 1_000).toFixed(1)} s of CPU`, { x: 8, y: 22, class: 'head title' }),
    ...legend(),
    ...boxes.map((box) => drawn(box, { bottom: height - 12 - row, total: tree.total })),
  ]
  return `${element('svg', frame, ...parts.map((part) => `\n${part}`), '\n')}\n`
}

const legend = () =>
  kinds.flatMap(({ name, fill }, n) => [
    element('rect', { x: 8 + n * 230, y: 36, width: 12, height: 12, fill }),
    text(name, { x: 26 + n * 230, y: 47, class: 'head' }),
  ])

function drawn({ node, depth, from, share }, { bottom, total }) {
  const [x, y, wide] = [8 + from * (width - 16), bottom - depth * row, share * (width - 16)]
  const where = node.file === '' ? node.owner : `${node.owner}: ${node.file}`
  const tip = `${node.name} — ${where}\n${node.total.toFixed(0)} ms, ${((node.total / total) * 100).toFixed(1)} %; by itself ${node.self.toFixed(0)} ms`
  const letters = Math.floor((wide - 4) / LETTER)
  const label = letters < 3 ? [] : [text(clipped(node.name, letters), { x: x + 2, y: y + 12 })]
  const box = element('rect', { x, y, width: Math.max(0.4, wide), height: row - 1, fill: kindOf(node.owner).fill })
  return element('g', {}, `<title>${escaped(tip)}</title>`, box, ...label)
}

const clipped = (name, letters) => (name.length <= letters ? name : `${name.slice(0, letters - 1)}…`)
