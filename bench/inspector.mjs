/** The debugging port of a Node process that runs with `--inspect`: `{ call(method, params), close() }`. */
export async function openInspector(url) {
  const socket = new globalThis.WebSocket(url)
  const waiting = new Map()
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(data)
    const settle = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) settle?.done(result)
    else settle?.failed(new Error(`the debugging port refuses: ${error.message}`))
  })
  await new Promise((done, failed) => {
    socket.addEventListener('open', done, { once: true })
    socket.addEventListener('error', () => failed(new Error(`nothing answers at ${url}`)), { once: true })
  })
  const call = (method, params = {}) =>
    new Promise((done, failed) => {
      count += 1
      waiting.set(count, { done, failed })
      socket.send(JSON.stringify({ id: count, method, params }))
    })
  return { call, close: () => socket.close() }
}
