import { connect, createServer } from 'node:net'

/**
 * A TCP proxy that can be a bad network. `set` changes what connections suffer from now on, those that are open included:
 *
 *   delayMs      each chunk waits, both ways, order kept
 *   blackhole    'up' (to the server) or 'down': what is sent that way disappears; the connection stays open
 *   bytesPerSecond  throttle, both ways
 *
 * `reset` ends every open connection with a reset. `heal` undoes all; a connection that lost bytes cannot go on and is reset.
 */
export async function startTcpProxy({ to }) {
  const pairs = new Set()
  let mode = {}
  let lost = 0
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: to, noDelay: true })
    const pair = { client, upstream, lossy: false }
    pairs.add(pair)
    const end = () => {
      client.destroy()
      upstream.destroy()
      pairs.delete(pair)
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
    const lose = (bytes) => (lost += bytes)
    pipe({ pair, from: client, into: upstream, way: 'up', lose }, () => mode)
    pipe({ pair, from: upstream, into: client, way: 'down', lose }, () => mode)
    client.resume()
  })
  await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done))
  const reset = (chosen) => chosen.forEach(({ client, upstream }) => [client, upstream].forEach((socket) => socket.resetAndDestroy()))
  return {
    port: server.address().port,
    set: (next) => {
      mode = next
    },
    /** Bytes that disappeared so far. */
    lost: () => lost,
    reset: () => reset([...pairs]),
    heal: () => {
      mode = {}
      reset([...pairs].filter(({ lossy }) => lossy))
    },
    stop: () =>
      new Promise((done) => {
        server.close(done)
        reset([...pairs])
      }),
  }
}

/** Chunks leave in the order in which they came, each no sooner than its time. */
function pipe({ pair, from, into, way, lose }, modeNow) {
  let free = 0
  let waiting = 0
  from.on('data', (chunk) => {
    const { delayMs = 0, blackhole, bytesPerSecond } = modeNow()
    if (blackhole === way) {
      pair.lossy = true
      lose(chunk.length)
      return
    }
    const now = performance.now()
    const at = Math.max(free, now + delayMs) + (bytesPerSecond === undefined ? 0 : (chunk.length * 1000) / bytesPerSecond)
    free = at
    if (at <= now && waiting === 0) {
      into.write(chunk)
      return
    }
    waiting += 1
    if (waiting > 64) from.pause()
    setTimeout(() => {
      waiting -= 1
      if (!into.destroyed) into.write(chunk)
      if (waiting < 32) from.resume()
    }, at - now)
  })
}
