import { createServer, type RequestListener, type Server } from 'node:http'
import { openLoop } from './open-loop.mjs'

const approve = '{"outcome":"approve"}'
const send = (n: number) => ({ headers: { 'content-type': 'application/json' }, body: String(n) })

describe('an open loop', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  const serve = async (listener: RequestListener) => {
    const started = createServer(listener)
    server = started
    await new Promise<void>((ready) => started.listen(0, '127.0.0.1', ready))
    const address = started.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  }

  it('counts every answer by status and outcome, and leaves those of the warm-up out', async () => {
    let count = 0
    const url = await serve((request, response) => {
      request.resume().once('end', () => {
        count += 1
        response.statusCode = count % 2 === 0 ? 202 : 200
        response.end(count % 2 === 0 ? '{}' : approve)
      })
    })

    const { requests, answers, marks, gaveUp } = await openLoop({ url, rate: 100, seconds: 1, warmUpSeconds: 0.5, send })

    expect(requests).toBe(100)
    expect(Object.keys(answers).sort()).toEqual(['200 approve', '202'])
    expect(Object.values(answers).reduce((a, b) => a + b)).toBe(100)
    expect(marks).toHaveLength(2)
    expect(gaveUp).toBe(false)
  })

  it('goes on sending while the server stalls, and counts the stall for everything that was due', async () => {
    const held: (() => void)[] = []
    let stalled = true
    const release = () => {
      stalled = false
      for (const answer of held.splice(0)) answer()
    }
    const url = await serve((request, response) => {
      request.resume().once('end', () => {
        if (!stalled) response.end(approve)
        else if (held.push(() => response.end(approve)) === 50) release()
      })
    })

    const { p50, max, underWay } = await openLoop({ url, rate: 100, seconds: 1, warmUpSeconds: 0, send })

    // The 50th request is due half a second after the first: a caller that waits for answers would never have sent it.
    expect(max).toBeGreaterThan(450)
    expect(p50).toBeGreaterThan(0)
    expect(Math.max(...underWay)).toBeGreaterThanOrEqual(25)
  })

  it('counts a delay of its own as well: everything that was due meanwhile was late', async () => {
    const url = await serve((request, response) => void request.resume().once('end', () => response.end(approve)))
    const block = (until: number) => {
      while (performance.now() < until);
    }

    const { p95, sentLate } = await openLoop({
      url,
      rate: 100,
      seconds: 1,
      warmUpSeconds: 0,
      send: (n) => {
        if (n === 10) block(performance.now() + 300)
        return send(n)
      },
    })

    expect(sentLate.max).toBeGreaterThan(250)
    expect(p95).toBeGreaterThan(200)
  })

  it('sends no more when too many are under way', async () => {
    const held: (() => void)[] = []
    const url = await serve((request, response) => {
      request.resume().once('end', () => {
        held.push(() => response.end(approve))
        if (held.length >= 21) for (const answer of held.splice(0)) answer()
      })
    })

    const { gaveUp, requests } = await openLoop({ url, rate: 100, seconds: 5, warmUpSeconds: 0, giveUpAt: 20, send })

    expect(gaveUp).toBe(true)
    expect(requests).toBeLessThan(100)
  })

  it('tells a broken connection from an answer', async () => {
    const url = await serve((request) => void request.socket.destroy())

    const { answers } = await openLoop({ url, rate: 20, seconds: 0.5, warmUpSeconds: 0, send })

    expect(Object.keys(answers).filter((answer) => answer.startsWith('2'))).toEqual([])
  })
})
