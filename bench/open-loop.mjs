import { Agent, request as httpRequest } from 'node:http'

/**
 * Sends `rate` requests a second for `seconds`, on schedule whatever the answers do, and measures each from the moment it
 * was meant to start: a slow server cannot make itself look fast by slowing its caller. `answers` counts what came, by
 * status and outcome.
 */
export async function openLoop({ url, rate, seconds, send, warmUpSeconds = 3 }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 })
  const total = Math.round(rate * (seconds + warmUpSeconds))
  const warm = Math.round(rate * warmUpSeconds)
  const start = performance.now() + 100
  const latencies = []
  const answers = new Map()
  const running = []
  for (let n = 0; n < total; n++) {
    const intended = start + (n * 1000) / rate
    const wait = intended - performance.now()
    if (wait > 0) await new Promise((done) => setTimeout(done, wait))
    running.push(
      once(agent, url, send(n)).then((answer) => {
        if (n < warm) return
        latencies.push(performance.now() - intended)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }),
    )
  }
  await Promise.all(running)
  agent.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]
  return {
    requests: latencies.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: latencies.at(-1),
    answers: Object.fromEntries(answers),
  }
}

function once(agent, url, { headers = {}, body = '' }) {
  return new Promise((done) => {
    const request = httpRequest(
      url,
      { method: 'POST', agent, headers: { 'content-length': Buffer.byteLength(body), ...headers } },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += chunk))
        response.once('end', () => done([response.statusCode, /"outcome":"([a-z]+)"/.exec(text)?.[1] ?? ''].join(' ').trim()))
      },
    )
    request.once('error', (error) => done(error.code ?? 'error'))
    request.end(body)
  })
}
