import { parseArgs } from 'node:util'

export const usage = `npm run bench -- [what] [how]

what (all but the flame graph, if none is named)
  --latency      latency at --rates, beside the floor
  --saturation   the highest rate that holds
  --start        start to the first decision
  --idle         CPU and memory without load
  --statements   SQL statements of a request, by service
  --growth       latency and CPU with 1,000 up to 1,000,000 customers
  --flame        flame graphs of the services under load

how
  --transport postgres|kafka|both   both
  --rates 100,500,1000              requests a second
  --seconds 15                      measured at each rate
  --sizes 1000,10000,...            customers of --growth
  --quick                           everything short, to see that it works; its figures mean little
  --out FOLDER                      bench/results
  --publish                         also writes docs/performance.md and its charts`

const parts = ['latency', 'saturation', 'start', 'idle', 'statements', 'growth']
const kinds = { postgres: ['postgres-log'], kafka: ['kafka'], both: ['postgres-log', 'kafka'] }

const full = {
  rates: [100, 500, 1_000],
  seconds: 15,
  warmUp: { rate: 200, seconds: 10 },
  warmUpSeconds: 3,
  customers: 200,
  saturation: { probeSeconds: 10, confirmSeconds: 120, floorConfirmSeconds: 20, from: 300, most: 8_000, precision: 0.08 },
  start: { times: 3 },
  idle: { settleSeconds: 5, seconds: 15 },
  statements: { rate: 100, seconds: 10 },
  growth: { sizes: [1_000, 10_000, 100_000, 1_000_000], rate: 100, seconds: 10 },
  flame: { rate: 200, seconds: 15 },
}

const quick = {
  ...full,
  rates: [100],
  seconds: 5,
  warmUp: { rate: 50, seconds: 2 },
  warmUpSeconds: 2,
  saturation: { probeSeconds: 4, confirmSeconds: 8, floorConfirmSeconds: 8, from: 100, most: 4_000, precision: 0.25 },
  start: { times: 1 },
  idle: { settleSeconds: 2, seconds: 5 },
  statements: { rate: 50, seconds: 4 },
  growth: { sizes: [1_000, 10_000], rate: 50, seconds: 5 },
  flame: { rate: 100, seconds: 8 },
}

const flag = { type: 'boolean', default: false }

/** What to measure and how; throws a sentence for people. */
export function readOptions(words) {
  const { values } = parseArgs({
    args: words,
    options: {
      ...Object.fromEntries([...parts, 'flame', 'quick', 'publish', 'help'].map((name) => [name, flag])),
      transport: { type: 'string', default: 'both' },
      rates: { type: 'string' },
      seconds: { type: 'string' },
      sizes: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const transports = kinds[values.transport]
  if (transports === undefined) throw new Error(`--transport is postgres, kafka or both, not ${values.transport}`)
  const named = parts.filter((name) => values[name])
  const settings = values.quick ? quick : full
  return {
    help: values.help,
    quick: values.quick,
    publish: values.publish,
    out: values.out,
    parts: named.length > 0 || values.flame ? [...named, ...(values.flame ? ['flame'] : [])] : parts,
    transports,
    ...settings,
    rates: listed('--rates', values.rates) ?? settings.rates,
    growth: { ...settings.growth, sizes: listed('--sizes', values.sizes) ?? settings.growth.sizes },
    seconds: values.seconds === undefined ? settings.seconds : positive('--seconds', values.seconds),
  }
}

const listed = (name, text) =>
  text
    ?.split(',')
    .map((word) => positive(name, word))
    .sort((a, b) => a - b)

function positive(name, text) {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new Error(`${name}: not a number above zero: ${text}`)
}
