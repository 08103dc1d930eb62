import { LeanClient } from './lean-client.mjs'
import { intendedStart, summaryOf } from './percentiles.mjs'

/** Before and after the window whose latencies count, so that what is measured beside it does not disturb it. */
const MARGIN_SECONDS = 0.5

/**
 * Sends `rate` requests a second for `seconds`, on schedule whatever the answers do, and measures each from the moment it was meant
 * to start: a slow server cannot make itself look fast by slowing its caller. `answers` counts what came, by status and outcome.
 * `mark()` is called shortly before and shortly after the window; what it answers stands in `marks`, with the time and the number of
 * answers so far. `giveUpAt`: how many requests may be under way before the rest is not sent any more.
 */
export async function openLoop({ url, rate, seconds, send, warmUpSeconds = 3, giveUpAt = Infinity, mark = () => undefined }) {
  const client = new LeanClient(url)
  const count = (duration) => Math.round(rate * duration)
  const [first, end] = [count(warmUpSeconds), count(warmUpSeconds + seconds)]
  const margin = Math.min(count(MARGIN_SECONDS), first)
  const run = { rate, begin: performance.now() + 50, first, end, sent: 0, answered: 0 }
  const seen = { latencies: [], lateness: [], answers: new Map(), answeredInTime: 0, underWay: [], marks: [] }
  const endTime = intendedStart(end, run)
  const take = (n, answer) => {
    run.answered += 1
    const now = performance.now()
    if (now >= intendedStart(first, run) && now < endTime) seen.answeredInTime += 1
    if (n < first || n >= end) return
    seen.latencies.push(now - intendedStart(n, run))
    const said = nameOf(answer)
    seen.answers.set(said, (seen.answers.get(said) ?? 0) + 1)
  }
  const running = []
  const every = Math.max(1, Math.round(rate / 4))
  let gaveUp = false
  while (run.sent < end + margin && !gaveUp) {
    const due = Math.min(end + margin, Math.floor(((performance.now() - run.begin) * rate) / 1000) + 1)
    for (; run.sent < due; run.sent += 1) {
      const n = run.sent
      if (n === first - margin) seen.marks.push({ answered: run.answered, at: performance.now(), ...mark() })
      if (n >= first && n < end) {
        seen.lateness.push(performance.now() - intendedStart(n, run))
        if (n % every === 0) seen.underWay.push(n - run.answered)
      }
      running.push(client.post(send(n)).then((answer) => take(n, answer)))
    }
    gaveUp = run.sent - run.answered > giveUpAt
    await new Promise((next) => setTimeout(next, Math.max(0, intendedStart(run.sent, run) - performance.now())))
  }
  seen.marks.push({ answered: run.answered, at: performance.now(), ...mark() })
  await Promise.all(running)
  client.close()
  return resultOf(seen, { rate, seconds, gaveUp })
}

function resultOf(seen, { rate, seconds, gaveUp }) {
  const { count, ...latency } = summaryOf(seen.latencies)
  const late = summaryOf(seen.lateness)
  return {
    rate,
    seconds,
    requests: count,
    ...latency,
    achieved: seen.answeredInTime / seconds,
    answers: Object.fromEntries(seen.answers),
    underWay: seen.underWay,
    sentLate: { p50: late.p50, p99: late.p99, max: late.max },
    gaveUp,
    marks: seen.marks,
  }
}

const nameOf = ({ status, body, error }) => error ?? `${status} ${/"outcome":"([a-z]+)"/.exec(body)?.[1] ?? ''}`.trim()
