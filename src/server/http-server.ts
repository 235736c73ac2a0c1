import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { neverRetry, retryLater } from '../domain/errors.ts'
import { RequestGuard } from './request-guard.ts'
import { jsonAnswer, refusal, type Answer, type Route } from './route.ts'

export interface HttpServerOptions {
  /** Address to listen at. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** What to do when another program has the port. */
  readonly whenTaken: 'refuse' | 'any'
  /** Names and addresses, without port, by which it may be asked besides its own. */
  readonly allowedHosts: readonly string[]
  readonly routes: readonly Route[]
  /** Takes secrets out of every answer. */
  readonly scrub: (text: string) => string
  /** Told of bugs in routes; the one who asked gets a 500. */
  readonly onFailure: (error: unknown) => void
  /** For a request to arrive in full, and for a reader to take its answer; real ms (5,000). */
  readonly patienceMs?: number
}

const PATIENCE_MS = 5_000
/** A few monitors and a browser. Who comes when all places are taken is turned away, and the daemon keeps its descriptors. */
const CONNECTIONS_MAX = 64
const HEADER_BYTES_MAX = 8 * 1024
/** A request for reading has no body: what comes with one is not read. */
const REQUESTS_PER_CONNECTION_MAX = 1_000

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

/** Tells over HTTP how the daemon is. It reads and changes nothing, and whatever comes in reaches no further than here. */
export class HttpServer {
  /** `http://127.0.0.1:8787` */
  readonly url: string
  readonly #server: Server

  private constructor(url: string, server: Server) {
    this.url = url
    this.#server = server
  }

  /**
   * Listens.
   * @throws retry-later when the port is taken; never-retry when there can be no server at that address.
   */
  static async open(options: HttpServerOptions): Promise<HttpServer> {
    const { host, port, whenTaken, onFailure } = options
    const server = serverFor(options)
    try {
      await listen(server, host, port)
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || whenTaken === 'refuse') throw refusedAddress(host, port, error)
      await listen(server, host, 0).catch((again: unknown) => {
        throw refusedAddress(host, 0, again)
      })
    }
    // A connection that could not be taken (too many open files) costs one reader its answer, never the daemon.
    server.on('error', onFailure)
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    return new HttpServer(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`, server)
  }

  /** Ends at once, readers that have not been answered included. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => {
      this.#server.close(() => resolve())
    })
    this.#server.closeAllConnections()
    await closed
  }
}

function serverFor(options: HttpServerOptions): Server {
  const { host, allowedHosts, routes, scrub, onFailure, patienceMs = PATIENCE_MS } = options
  const guard = new RequestGuard([host, ...allowedHosts])
  const byPath = new Map(routes.map(route => [route.path, route]))
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: Math.min(1_000, patienceMs / 2),
    },
    (request, response) => {
      const answer = guard.refuse(request) ?? answerOf(byPath, pathOf(request.url), onFailure)
      send(request, response, { ...answer, body: scrub(answer.body) })
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX
  // Who takes nothing of an answer for so long is cut off.
  server.setTimeout(patienceMs)
  return server
}

function answerOf(routes: ReadonlyMap<string, Route>, path: string, onFailure: (error: unknown) => void): Answer {
  const route = routes.get(path)
  if (route === undefined)
    return refusal(404, 'there is nothing at this path', `there is ${[...routes.keys()].join(', ')}`)
  try {
    return route.answer()
  } catch (error) {
    onFailure(error)
    return jsonAnswer(500, { error: 'the answer could not be made', hint: "see the daemon's log" })
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body }: Answer): void {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...(status === 405 && { Allow: 'GET, HEAD' }),
    // What a body would hold must not be taken for the next request.
    ...((hasBody || status >= 400) && status !== 503 && { Connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function pathOf(url = ''): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port })
  await once(server, 'listening')
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function refusedAddress(host: string, port: number, error: unknown): Error {
  const details = { where: `${host}:${port}`, cause: error }
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return retryLater(`port ${port} is taken by another program`, {
        ...details,
        hint: 'a second bot needs its own port and data folder: set http.port (0 takes a free one), or http.enabled: false',
      })
    case 'EACCES':
      return neverRetry(`port ${port} needs more rights than this user has`, {
        ...details,
        hint: 'set http.port to 1024 or above',
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return neverRetry(`${host} is no address of this machine`, {
        ...details,
        hint: 'set http.host to 127.0.0.1, or to an address that ip addr shows',
      })
    default:
      return retryLater(`there can be no HTTP server: ${error instanceof Error ? error.message : String(error)}`, {
        ...details,
        hint: 'set http.enabled: false to run without it',
      })
  }
}
