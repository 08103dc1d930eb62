import { readFileSync } from 'node:fs'

/** Faults that are built in, so that those who look for faults can be tried. None of them can be on outside of such a trial. */
const plants = [
  'inbox-off',
  'fence-off',
  'offset-before-commit',
  'relay-before-commit',
  'receipt-check-off',
  'index-gap',
  'balance-check-off',
] as const
export type Plant = (typeof plants)[number]

/** Steps of every service's write path at which a process can be made to die; the last three are the ledger's alone. */
const failpoints = [
  'after-fence',
  'after-handler',
  'before-commit',
  'after-commit',
  'before-relay',
  'after-relay',
  'after-mark',
  'before-offsets',
  'after-offsets',
  'after-sign',
  'before-checkpoint',
  'after-checkpoint',
] as const
export type Failpoint = (typeof failpoints)[number]

let plant: Plant | undefined
let armed: { readonly point: Failpoint; left: number } | undefined

/**
 * The one place where the switch is read: WEIR_TEST_PLANT names a planted fault, WEIR_TEST_FAILPOINT a step and the pass at
 * which the process kills itself, `after-fence:20`. WEIR_TEST_FAILPOINT_FILE names a file that says the same and is read at
 * every SIGUSR2. Refused unless NODE_ENV is `test-chaos`.
 */
export function armTestSwitch(env: Readonly<Record<string, string | undefined>>): void {
  const wanted = { plant: env['WEIR_TEST_PLANT'], point: env['WEIR_TEST_FAILPOINT'], file: env['WEIR_TEST_FAILPOINT_FILE'] }
  if (Object.values(wanted).every((value) => value === undefined)) return
  if (env['NODE_ENV'] !== 'test-chaos')
    throw new Error('WEIR_TEST_PLANT and WEIR_TEST_FAILPOINT break Weir on purpose: NODE_ENV has to be test-chaos.')
  const { file } = wanted
  if (wanted.plant !== undefined) {
    plant = plants.find((known) => known === wanted.plant)
    if (plant === undefined) throw new Error(`WEIR_TEST_PLANT is none of ${plants.join(', ')}`)
  }
  if (wanted.point !== undefined) arm(wanted.point)
  if (file !== undefined) process.on('SIGUSR2', () => arm(readFileSync(file, 'utf8')))
}

function arm(wanted: string): void {
  const [name, pass = '1'] = wanted.split(':')
  const point = failpoints.find((known) => known === name)
  if (point === undefined || !/^[1-9]\d*$/.test(pass))
    throw new Error(`WEIR_TEST_FAILPOINT is not <point>:<pass>; points: ${failpoints.join(', ')}`)
  armed = { point, left: Number(pass) }
}

export const planted = (name: Plant): boolean => plant === name

/** Nothing runs after the kill: no handler, no flush, no rollback. */
export function passFailpoint(point: Failpoint): void {
  if (armed?.point !== point) return
  armed.left -= 1
  if (armed.left === 0) process.kill(process.pid, 'SIGKILL')
}
