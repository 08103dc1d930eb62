// What the processes of an installation take of the machine, from /proc. Elsewhere than on Linux nothing is known of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Of a second; Linux tells CPU time in these whatever its timer does. */
const TICKS = 100

export const measurable = existsSync('/proc/self/stat')

/**
 * `{ component: [pid] }` of `root` and all that it started. A service is told by its main file, a stage of the floor by its name,
 * PostgreSQL by its program; `rest` is the name of every other Node process.
 */
export function componentsOf(root, rest) {
  if (!measurable) return {}
  const byParent = Map.groupBy(allProcesses(), ({ parent }) => parent)
  const components = {}
  const visit = (process) => {
    const name = componentOf(process, rest)
    if (name !== undefined) (components[name] ??= []).push(process.pid)
    for (const child of byParent.get(process.pid) ?? []) visit(child)
  }
  const first = readProcess(root)
  if (first !== undefined) visit(first)
  return components
}

function componentOf({ name, words }, rest) {
  if (name === 'postgres') return 'database'
  const service = words.map((word) => /\/services\/([a-z]+)\/app\/dist\/main\.js$/.exec(word)?.[1]).find(Boolean)
  if (service !== undefined) return service
  const stage = words.indexOf('--stage')
  if (stage > 0) return `floor ${words[stage + 1]}`
  return words[0]?.includes('node') ? rest : undefined
}

/** CPU seconds so far by component, the load's own beside them; `machine` is everything that runs on these cores. */
export function cpuOf(components) {
  const own = process.cpuUsage()
  return {
    generator: (own.user + own.system) / 1e6,
    ...Object.fromEntries(Object.entries(components).map(([name, pids]) => [name, sum(pids.map(cpuSeconds))])),
    machine: machineSeconds(),
  }
}

/** Those of children that ended are their parent's: a connection that PostgreSQL closed is not forgotten. */
function cpuSeconds(pid) {
  const fields = statOf(pid)
  if (fields === undefined) return 0
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number)
  const isServer = fields.name === 'postgres'
  return (user + system + (isServer ? childUser + childSystem : 0)) / TICKS
}

function machineSeconds() {
  if (!measurable) return 0
  const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) / TICKS
}

/** Seconds between two readings, by component. `others`: what else ran on these cores meanwhile. */
export function cpuBetween(before, after) {
  const names = Object.keys(after).filter((name) => name !== 'machine')
  const used = Object.fromEntries(names.map((name) => [name, Math.max(0, after[name] - (before[name] ?? 0))]))
  const others = Math.max(0, after.machine - before.machine - sum(Object.values(used)))
  return { ...used, others }
}

/**
 * MB by component. `rss`: what is in memory; of PostgreSQL it would count shared pages once for each connection, so there it is
 * left out. `pss`: shared pages are divided among those who share them.
 */
export function memoryOf(components) {
  return Object.fromEntries(
    Object.entries(components).map(([name, pids]) => {
      const rollups = pids.map((pid) => read(`/proc/${pid}/smaps_rollup`) ?? '')
      const of = (what) => Math.round(sum(rollups.map((text) => Number(new RegExp(`^${what}: *(\\d+)`, 'm').exec(text)?.[1] ?? 0))) / 1024)
      return [name, { processes: pids.length, ...(name === 'database' ? {} : { rss: of('Rss') }), pss: of('Pss') }]
    }),
  )
}

/** The words of a process's command line. */
export const wordsOf = (pid) => (read(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')

const allProcesses = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])

function readProcess(pid) {
  const fields = statOf(pid)
  return fields && { pid, parent: Number(fields[1]), name: fields.name, words: wordsOf(pid) }
}

/** The fields behind the name, which may hold spaces and parentheses itself. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')]
  return Object.assign(text.slice(close + 2).split(' '), { name: text.slice(open + 1, close) })
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It ended in between.
    return undefined
  }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
