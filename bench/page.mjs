import { nameOf } from './names.mjs'
import { tablesOf } from './tables.mjs'

/** The table after which the charts of a part stand. */
const titles = { latency: 'Latency, milliseconds', cpu: 'CPU of a request, milliseconds', saturation: 'Saturation', growth: 'Growth' }

/** `docs/performance.md`; `charts` as `chartsOf` has them, `folder` where they lie beside the page. */
export function pageOf(figures, { charts, folder }) {
  const sections = tablesOf(figures).map(({ title, note, head, rows }) =>
    [
      `## ${title}`,
      ...(note === undefined ? [] : [note]),
      tableOf(head, rows),
      ...charts.filter(({ part }) => titles[part] === title).map(({ file, title: shows }) => `![${shows}](${folder}/${file})`),
    ].join('\n\n'),
  )
  return `${[introduction(figures), ...sections, closing(figures)].join('\n\n')}\n`
}

function introduction({ at, machine, settings, tookSeconds, invalid, failures, doubtful }) {
  const { versions } = machine
  const kafka = versions.kafka === undefined ? '' : `, Kafka ${versions.kafka} on Java ${versions.java}`
  return [
    '# Performance',
    'Written by `npm run bench -- --publish`; not edited by hand. All figures are of one run on one machine, which load, services, PostgreSQL and broker shared.',
    [
      `- ${at.slice(0, 16).replace('T', ' ')} UTC, commit ${machine.commit}, ${Math.round(tookSeconds / 60)} minutes`,
      `- ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB of memory, ${machine.system}`,
      `- Node ${versions.node}, PostgreSQL ${versions.postgresql}${kafka}`,
      `- ${settings.rates.join(', ')} requests/s, ${settings.seconds} s each, after a warm-up`,
      '- PostgreSQL log: all services in one process. Kafka: a process per service, one broker.',
    ].join('\n'),
    ...(settings.quick ? ['**Short measurements (`--quick`): they show that the benchmark works, not how fast Weir is.**'] : []),
    ...invalid.map((reason) => `**This run is invalid.** ${reason}.`),
    ...failures.map(({ kind, part, message }) => `**Not measured.** ${nameOf(kind)}, ${part}: ${message.split('\n', 1)[0]}`),
    ...(doubtful === undefined ? [] : [`**${doubtful}.** Figures of a quiet machine are better.`]),
  ].join('\n\n')
}

const tableOf = (head, rows) =>
  [head, head.map((_, column) => (isNumeric(rows, column) ? '--:' : '---')), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const isNumeric = (rows, column) => column > 0 && rows.every((row) => /^[-\d.,]*$/.test(row[column]))

const closing = () =>
  `## How it is measured

- The load is open: a request is sent when it is due, whatever the answers do, and its latency counts from when it was due. A stall
  counts for everything that was due during it.
- Every request is a new one for accelerators of a known customer: all rules are evaluated, the decision is recorded in the ledger, and the
  gateway checks its receipt before it answers. Any answer but an approval makes the run invalid or the rate one that does not hold.
- The floor is the same path with no work in it: the same HTTP, commits, publishes and reads on the same transport, in the same processes.
  The ratio says what Weir adds; the floor's own latency says whether the machine was fit to measure on. Above 20 ms at p50 and 100
  requests/s the run is invalid.
- Saturation is searched for upwards, then between the last rate that held and the first that did not. What is reported held for the long
  run at the end.
- CPU is that of the processes, from the operating system, between shortly before and shortly after the measured time. \`generator\` is the
  load.

\`bench/README.md\` says how to measure a part of it.`
