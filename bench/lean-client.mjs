import { connect } from 'node:net'

/** The server may close a connection that rested for five seconds; one that rested this long is not used again. */
const RESTED_MS = 3_000

/**
 * POSTs over kept-alive connections, one request at a time on each. Much cheaper than `node:http`, because what the load costs is
 * taken from the cores that the server under test shares. It knows HTTP/1.1 as far as a Node server speaks it.
 */
export class LeanClient {
  #resting = []
  #open = new Set()
  #waiting = []
  #target
  #most

  constructor(url, { connections = 1024 } = {}) {
    this.#target = new URL(url)
    this.#most = connections
  }

  /** Answers `{ status, body }`, or `{ error }`; never rejects. */
  post({ headers, body }) {
    const { host, pathname, search } = this.#target
    const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) }).map(
      ([name, value]) => `${name}: ${value}`,
    )
    const text = `POST ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`
    return new Promise((done) => {
      const connection = this.#take()
      if (connection === undefined) this.#waiting.push({ text, done })
      else connection.send(text, done)
    })
  }

  close() {
    for (const connection of this.#open) connection.end()
  }

  #take() {
    for (let last = this.#resting.pop(); last !== undefined; last = this.#resting.pop()) {
      if (performance.now() - last.since < RESTED_MS) return last.connection
      last.connection.end()
    }
    if (this.#open.size >= this.#most) return undefined
    const connection = new Connection(this.#target, {
      onFree: (free) => this.#free(free),
      onEnd: (ended) => this.#ended(ended),
    })
    this.#open.add(connection)
    return connection
  }

  #free(connection) {
    const next = this.#waiting.shift()
    if (next === undefined) this.#resting.push({ connection, since: performance.now() })
    else connection.send(next.text, next.done)
  }

  #ended(connection) {
    this.#open.delete(connection)
    this.#resting = this.#resting.filter((one) => one.connection !== connection)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#take().send(next.text, next.done)
  }
}

class Connection {
  #socket
  #on
  #received = ''
  #done

  constructor({ hostname, port }, on) {
    this.#on = on
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding('latin1')
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#settle({ error: error.code ?? error.message }))
    this.#socket.on('close', () => {
      this.#settle({ error: 'closed' })
      this.#on.onEnd(this)
    })
  }

  send(text, done) {
    this.#done = done
    this.#socket.write(text)
  }

  end() {
    this.#socket.destroy()
  }

  #take(chunk) {
    this.#received += chunk
    const answer = readAnswer(this.#received)
    if (answer === undefined) return
    this.#received = ''
    this.#settle(answer)
    if (answer.last) this.#socket.destroy()
    else this.#on.onFree(this)
  }

  #settle(answer) {
    const done = this.#done
    this.#done = undefined
    done?.(answer)
  }
}

/** One character is one byte. undefined: not all of it is here yet. */
export function readAnswer(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = text.slice(0, end).toLowerCase()
  const rest = text.slice(end + 4)
  const status = Number(head.slice(9, 12))
  const last = head.includes('\r\nconnection: close')
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
  if (length !== undefined) return rest.length < Number(length) ? undefined : { status, body: rest.slice(0, Number(length)), last }
  if (!head.includes('\r\ntransfer-encoding: chunked')) return { status, body: '', last }
  const body = joinChunks(rest)
  return body === undefined ? undefined : { status, body, last }
}

/** Each chunk is told its length before; the one of none is the last. undefined: not all of it is here yet. */
function joinChunks(text) {
  let body = ''
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    const length = parseInt(text.slice(at, end), 16)
    const next = end + 2 + length + 2
    if (text.length < next) return undefined
    if (length === 0) return body
    body += text.slice(end + 2, end + 2 + length)
    at = next
  }
}
