import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { chartsOf } from './charts.mjs'
import { pageOf } from './page.mjs'

/** Figures, charts and the page into one folder. */
export async function writeResults(figures, folder) {
  mkdirSync(folder, { recursive: true })
  const charts = writeCharts(figures, folder)
  await write(join(folder, 'latest.json'), jsonOf(figures))
  await write(join(folder, 'performance.md'), pageOf(figures, { charts, folder: '.' }))
}

/** `docs/performance.md`, with its charts and figures in a folder beside it. */
export async function publish(figures, docs) {
  const folder = join(docs, 'performance')
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) if (name.endsWith('.svg')) rmSync(join(folder, name))
  const charts = writeCharts(figures, folder)
  await write(join(folder, 'figures.json'), jsonOf(figures))
  await write(join(docs, 'performance.md'), pageOf(figures, { charts, folder: 'performance' }))
}

function writeCharts(figures, folder) {
  const charts = chartsOf(figures)
  for (const { file, svg } of charts) writeFileSync(join(folder, file), svg)
  return charts
}

/** Finer than a microsecond is noise. */
const jsonOf = (figures) => JSON.stringify(figures, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value))

/** As `npm run check` wants it. */
async function write(file, text) {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
}
