/** Maps numbers to places, evenly. `ticks`: round numbers within the domain. */
export function linearScale([low, high], [from, to]) {
  const at = (value) => from + ((value - low) / (high - low || 1)) * (to - from)
  return { at, ticks: linearTicks(low, high) }
}

/** Maps numbers above zero to places, evenly by their ratio. */
export function logScale([low, high], [from, to]) {
  const { at } = linearScale([Math.log10(low), Math.log10(high)], [from, to])
  return { at: (value) => at(Math.log10(value)), ticks: logTicks(low, high) }
}

/** From zero to a round number that nothing exceeds. */
export const upTo = (values) => [0, roundUp(Math.max(1e-9, ...values), FINE_STEPS)]

/** Round powers around what there is, so that every value lies within. */
export function around(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return [roundDown(low), roundUp(high * 1.0001)]
}

const STEPS = [1, 2, 5, 10]
const FINE_STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

function roundUp(value, steps = STEPS) {
  const power = 10 ** Math.floor(Math.log10(value))
  return steps.find((step) => step * power >= value * (1 - 1e-9)) * power
}

function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  return STEPS.findLast((step) => step * power <= value * (1 + 1e-9)) * power
}

/** Four to eight. */
function linearTicks(low, high) {
  const step = roundUp((high - low) / 6)
  const count = Math.floor((high - low) / step + 1e-9)
  return Array.from({ length: count + 1 }, (_, n) => precise(Math.ceil(low / step) * step + n * step)).filter(
    (tick) => tick <= high * (1 + 1e-9),
  )
}

/** 1, 2 and 5 of each power of ten, or only the powers where that would be too many. */
function logTicks(low, high) {
  const powers = Array.from({ length: 25 }, (_, n) => 10 ** (n - 9))
  const within = (ticks) => ticks.map(precise).filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
  const all = within(powers.flatMap((power) => [1, 2, 5].map((step) => step * power)))
  return all.length <= 9 ? all : within(powers)
}

const precise = (value) => Number(value.toPrecision(12))

/** Places for labels of one height, in the order of `wanted`: as near to what is wanted as they can be without touching. */
export function spread(wanted, { height, low, high }) {
  const order = wanted.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place)
  let least = low
  for (const label of order) {
    label.at = Math.max(label.place, least)
    least = label.at + height
  }
  let most = high
  for (const label of order.toReversed()) {
    label.at = Math.min(label.at, most)
    most = label.at - height
  }
  return order.sort((a, b) => a.index - b.index).map(({ at }) => at)
}
