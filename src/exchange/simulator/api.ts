import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../domain/clock.ts'
import type { PlayedMarket, PlayedSource } from '../played-source.ts'
import { BinanceError } from './binance-error.ts'
import { exchangeInfo } from './exchange-info.ts'
import { playFault, type FaultPlan } from './fault.ts'
import { klines } from './klines.ts'
import { realSleep } from './real-time.ts'
import { WeightMeter, type Toll } from './weight-meter.ts'

interface ApiOptions {
  readonly source: PlayedSource
  /** By the exchange's own name, `BTCUSDT`. */
  readonly markets: ReadonlyMap<string, PlayedMarket>
  readonly clock: Clock
  readonly weightPerMinute: number
  readonly latencyMs: number
  readonly faults: FaultPlan | undefined
}

export interface SimulatorApi {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Called with the exchange time that an answer will show. */
  beforeAnswer(hook: (now: number) => void): void
  requests(): number
}

type Route = (params: URLSearchParams, now: number) => string

/** Binance spot's public REST routes, with the weights that its documentation gives them. */
export function createApi({ source, markets, clock, weightPerMinute, latencyMs, faults }: ApiOptions): SimulatorApi {
  const meter = new WeightMeter(weightPerMinute)
  const routes = new Map<string, { readonly weight: number; readonly route: Route }>([
    ['/api/v3/ping', { weight: 1, route: () => '{}' }],
    ['/api/v3/time', { weight: 1, route: (_params, now) => JSON.stringify({ serverTime: now }) }],
    [
      '/api/v3/exchangeInfo',
      { weight: 20, route: (params, now) => exchangeInfo(markets, params, now, weightPerMinute) },
    ],
    ['/api/v3/klines', { weight: 2, route: (params, now) => klines(source, markets, params, now) }],
  ])
  let requests = 0
  let beforeAnswer = (_now: number): void => undefined

  const respond = (path: string, params: URLSearchParams, response: ServerResponse): void => {
    const now = clock.now()
    beforeAnswer(now)
    const found = routes.get(path)
    const toll = meter.take(now, found?.weight ?? 1)
    response.setHeader('date', new Date(now).toUTCString())
    response.setHeader('x-mbx-used-weight', toll.usedWeight)
    response.setHeader('x-mbx-used-weight-1m', toll.usedWeight)
    if (toll.kind === 'refused') return refuse(response, toll, meter)
    if (!found) return send(response, 404, JSON.stringify({ code: -1, msg: `There is no ${path} here.` }))
    send(response, 200, found.route(params, now))
  }

  return {
    async answer(request, response) {
      const url = new URL(request.url ?? '/', 'http://loopback')
      const index = requests++
      try {
        request.resume()
        if (latencyMs > 0) await realSleep(latencyMs)
        const fault = faults?.({ path: url.pathname, params: url.searchParams, index })
        if (fault && (await playFault(fault, response))) return
        if (request.method === 'GET') respond(url.pathname, url.searchParams, response)
        else send(response, 405, '{"code":-1,"msg":"Only market data is served here: use GET."}')
      } catch (error) {
        const known = error instanceof BinanceError
        const message = known ? error.message : `The embedded exchange failed: ${String(error)}`
        if (response.headersSent) response.destroy()
        else
          send(response, known ? error.status : 500, JSON.stringify({ code: known ? error.code : -1000, msg: message }))
      }
    },
    beforeAnswer(hook) {
      beforeAnswer = hook
    },
    requests: () => requests,
  }
}

function refuse(response: ServerResponse, toll: Extract<Toll, { kind: 'refused' }>, meter: WeightMeter): void {
  response.setHeader('retry-after', Math.max(1, Math.ceil(toll.retryAfterMs / 1_000)))
  const msg =
    toll.status === 418
      ? `Way too much request weight used; IP banned until ${meter.bannedUntil}. Please use WebSocket Streams for live updates to avoid bans.`
      : `Too much request weight used; current limit is ${meter.limit} request weight per 1 MINUTE.`
  send(response, toll.status, JSON.stringify({ code: -1003, msg }))
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
