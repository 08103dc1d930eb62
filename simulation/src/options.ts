import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { plants, type Plant } from './plants.js'

export interface Options {
  /** the first of `runs` seeds */
  readonly seed: number
  readonly runs: number
  readonly requests: number
  readonly jobs: number
  readonly plant: Plant | undefined
  /** tell what each run's history hashes to */
  readonly history: boolean
  /** try the checker: every plant, one after the other */
  readonly plants: boolean
}

const names = {
  seed: { type: 'string', default: '1' },
  runs: { type: 'string', default: '1000' },
  requests: { type: 'string', default: '40' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  plant: { type: 'string' },
  history: { type: 'boolean', default: false },
  plants: { type: 'boolean', default: false },
} as const

export function optionsOf(given: readonly string[]): Options {
  const { values } = parseArgs({ args: [...given], options: names })
  const plant = plants.find((one) => one === values.plant)
  if (values.plant !== undefined && plant === undefined) throw new TypeError(`--plant is one of ${plants.join(', ')}`)
  const count = (name: 'seed' | 'runs' | 'requests' | 'jobs'): number => {
    if (!/^[1-9]\d{0,8}$/.test(values[name])) throw new TypeError(`--${name} is a number from 1 on`)
    return Number(values[name])
  }
  return {
    seed: count('seed'),
    runs: count('runs'),
    requests: count('requests'),
    jobs: count('jobs'),
    plant,
    history: values.history,
    plants: values.plants,
  }
}
