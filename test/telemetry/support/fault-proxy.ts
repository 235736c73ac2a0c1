import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `pass` hands requests on. `unavailable`: 503 with Retry-After. `hang`: no answer ever. `reset`: the connection breaks
 * before the server has seen anything. `lost-answer`: the server takes the points, and the connection breaks before it has
 * said so. `too-large`: 413 for bodies beyond a size, the rest passes.
 */
export type Fault = 'pass' | 'unavailable' | 'hang' | 'reset' | 'lost-answer' | 'too-large'

const BYTES_TAKEN_MAX = 8_192

/** Stands before a real server and lets requests go wrong. */
export class FaultProxy {
  fault: Fault = 'pass'
  /** How often each fault has met a write. */
  readonly met: Record<Fault, number> = { pass: 0, unavailable: 0, hang: 0, reset: 0, 'lost-answer': 0, 'too-large': 0 }
  readonly #target: URL
  readonly #server = createServer((request, response) => {
    void this.#handle(request, response).catch(() => response.destroy())
  })

  private constructor(target: string) {
    this.#target = new URL(target)
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    const address = this.#server.address()
    assert.ok(address !== null && typeof address === 'object')
    return `http://127.0.0.1:${(address satisfies AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { fault } = this
    this.met[fault]++
    if (fault === 'reset') {
      request.socket.destroy()
      return
    }
    const body = await bodyOf(request)
    switch (fault) {
      case 'unavailable':
        response.writeHead(503, { 'retry-after': '1' }).end('{"error":"come back later"}')
        return
      case 'hang':
        return
      case 'too-large':
        if (body.length > BYTES_TAKEN_MAX) response.writeHead(413).end('{"error":"request entity too large"}')
        else await this.#forward(request, body, response)
        return
      case 'lost-answer':
        await this.#forward(request, body, undefined)
        request.socket.destroy()
        return
      case 'pass':
        await this.#forward(request, body, response)
    }
  }

  /** Hands a request on and its answer back; without a `response` the answer is lost. Rejects when the server is gone. */
  #forward(request: IncomingMessage, body: Buffer, response: ServerResponse | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#target
      const { method, headers, url: path } = request
      const onward = httpRequest({ hostname, port, method, headers, path, agent: false }, answer => {
        void bodyOf(answer).then(text => {
          response?.writeHead(answer.statusCode ?? 502, answer.headers).end(text)
          resolve()
        }, reject)
      })
      onward.on('error', reject)
      onward.end(body)
    })
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
