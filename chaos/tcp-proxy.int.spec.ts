import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { until } from '@weir/testing'
import { startTcpProxy } from './tcp-proxy.mjs'

let heard = ''
const sockets: Socket[] = []
const server = createServer((socket) => {
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    heard += chunk.toString()
    socket.write(chunk)
  })
})
let proxy: Awaited<ReturnType<typeof startTcpProxy>>

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen')
  proxy = await startTcpProxy({ to: address.port })
})
beforeEach(() => {
  heard = ''
})
afterEach(() => {
  proxy.heal()
})
afterAll(async () => {
  await proxy.stop()
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** A client of an echo server, through the proxy. */
async function client() {
  const socket = connect(proxy.port, '127.0.0.1')
  await once(socket, 'connect')
  const seen = { echo: '', fault: '', closed: false }
  socket.on('data', (chunk) => (seen.echo += chunk.toString()))
  socket.on('error', ({ message }) => (seen.fault = message))
  socket.on('close', () => (seen.closed = true))
  return { socket, seen, say: (text: string) => socket.write(text) }
}
const echoed = (one: Awaited<ReturnType<typeof client>>, text: string) =>
  until(() => one.seen.echo === text, { describe: `${text.slice(0, 20)} comes back` })

describe('a network between two that can be bad', () => {
  it('is good at first', async () => {
    const one = await client()
    one.say('hello')
    await echoed(one, 'hello')
  })

  it('delays both ways and keeps the order', async () => {
    const one = await client()
    proxy.set({ delayMs: 60 })
    const began = performance.now()
    for (const text of ['a', 'b', 'c']) one.say(text)
    await echoed(one, 'abc')
    expect(performance.now() - began).toBeGreaterThanOrEqual(115)
  })

  it('throttles', async () => {
    const one = await client()
    proxy.set({ bytesPerSecond: 20_000 })
    const began = performance.now()
    one.say('x'.repeat(4_000))
    await echoed(one, 'x'.repeat(4_000))
    expect(performance.now() - began).toBeGreaterThanOrEqual(390)
  })

  it('loses what is sent, with the connection open, and resets it when it heals', async () => {
    const one = await client()
    proxy.set({ blackhole: 'up' })
    one.say('lost')
    await until(() => proxy.lost() === 4, { describe: 'it is lost' })
    proxy.set({})
    one.say('kept')
    await echoed(one, 'kept')
    expect([heard, one.seen.closed]).toEqual(['kept', false])
    proxy.heal()
    await until(() => one.seen.closed, { describe: 'the connection is gone' })
  })

  it('loses what is answered, though it arrived', async () => {
    const one = await client()
    proxy.set({ blackhole: 'down' })
    one.say('heard')
    await until(() => heard === 'heard', { describe: 'the server hears' })
    expect([one.seen.echo, one.seen.closed]).toEqual(['', false])
  })

  it('resets', async () => {
    const one = await client()
    one.say('hello')
    await echoed(one, 'hello')
    proxy.reset()
    await until(() => one.seen.closed, { describe: 'the connection is gone' })
    expect(one.seen.fault).toContain('ECONNRESET')
  })
})
