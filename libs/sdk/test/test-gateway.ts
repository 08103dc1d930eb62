import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'

export interface Heard {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** an object is sent as JSON */
  readonly body?: object | string
  /** nothing is sent at all */
  readonly silent?: boolean
}

/** A real HTTP server that notes what it is asked and gives the prepared replies, the last one again and again. */
export class TestGateway {
  readonly heard: Heard[] = []
  private replies: Reply[] = []
  private readonly server: Server

  constructor() {
    this.server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => {
        this.heard.push({ method: request.method, url: request.url, headers: request.headers, body })
        const reply = (this.replies.length > 1 ? this.replies.shift() : this.replies[0]) ?? { status: 500, body: 'nothing prepared' }
        if (reply.silent === true) return
        response.writeHead(reply.status ?? 200, reply.headers)
        response.end(typeof reply.body === 'object' ? JSON.stringify(reply.body) : reply.body)
      })
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
  }

  get url(): string {
    const address = this.server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the gateway does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  prepare(...replies: readonly Reply[]): void {
    this.heard.splice(0)
    this.replies = [...replies]
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
}
