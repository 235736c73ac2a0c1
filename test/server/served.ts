import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { HttpServer, type HttpServerOptions } from '../../src/server/http-server.ts'
import { jsonAnswer, type Route } from '../../src/server/route.ts'

const HELLO: Route = { path: '/hello', answer: () => jsonAnswer(200, { hello: 'world' }) }

/** A server on a free port that is gone after the test. */
export async function served(test: TestContext, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await HttpServer.open({
    scrub: text => text,
    host: '127.0.0.1',
    port: 0,
    whenTaken: 'refuse',
    allowedHosts: [],
    routes: [HELLO],
    onFailure: () => undefined,
    ...options,
  })
  test.after(() => server.close())
  return server
}

export function portOf({ url }: HttpServer): number {
  return Number(new URL(url).port)
}

/** Sends bytes as they are, and gathers what comes back until the other side ends. */
export async function spoken(port: number, text: string, thenEnd = false): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', chunk => (answer += String(chunk)))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(text)
  if (thenEnd) socket.end()
  await closed
  return answer
}
