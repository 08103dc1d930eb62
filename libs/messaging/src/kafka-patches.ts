import { createRequire } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly throttledUntil: number
}
interface RequestQueueClass {
  readonly prototype: { scheduleCheckPendingRequests(this: RequestQueue): void }
}

let patched = false

/**
 * kafkajs 2.2.4 re-arms a 1 ms timer for ever once a connection has had an answer (tulios/kafkajs#1751). With nothing
 * pending and no throttling there is nothing to look for.
 */
export function patchRequestQueue(): void {
  if (patched) return
  patched = true
  const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as RequestQueueClass
  const original = queue.prototype.scheduleCheckPendingRequests
  if (typeof original !== 'function') throw new Error('kafkajs is not the version whose request queue this mends')
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return
    original.call(this)
  }
}

interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly ssl?: tls.ConnectionOptions
  onConnect(): void
}

/** kafkajs leaves Nagle's algorithm on, which delays small requests. */
export function lowLatencySocket({ host, port, ssl, onConnect }: SocketRequest): net.Socket {
  const servername = net.isIP(host) ? {} : { servername: host }
  const socket = ssl ? tls.connect({ host, port, ...servername, ...ssl }, onConnect) : net.connect({ host, port }, onConnect)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
  return socket
}
