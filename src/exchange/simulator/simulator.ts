import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { badInput, retryLater } from '../../domain/errors.ts'
import { SimulatedClock } from '../clock/simulated-clock.ts'
import type { WallTime } from '../clock/wall-time.ts'
import type { PlayedSource } from '../played-source.ts'
import { createApi, type SimulatorApi } from './api.ts'
import { binanceId } from './exchange-info.ts'
import type { FaultPlan } from './fault.ts'
import { monotonicTime } from './real-time.ts'
import { readSavedTime } from './state-file.ts'
import { TimeKeeper } from './time-keeper.ts'

export interface SimulatorOptions {
  readonly source: PlayedSource
  /** Exchange time per real time (1). */
  readonly speed?: number
  /** 0 (the default) takes a free one. */
  readonly port?: number
  /** Exchange time at the first start, UTC ms; default: the source's own choice. A saved time goes before it. */
  readonly startTime?: number
  /** How many candles of a recording are history when play begins (2,500). */
  readonly historyRows?: number
  /** Where the exchange's time survives a restart; without it every start is the first. */
  readonly stateFile?: string
  /** Request weight per exchange minute (6,000). */
  readonly weightPerMinute?: number
  /** Real ms before each answer (0). */
  readonly latencyMs?: number
  readonly log?: (message: string, details?: Readonly<Record<string, unknown>>) => void
  readonly faults?: FaultPlan
  /** Monotonic real time; replaced by tests. */
  readonly wall?: WallTime
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`: the `baseUrl` for `createCcxtSource`. */
  readonly url: string
  readonly port: number
  readonly clock: SimulatedClock
  /** Exchange time at this start, UTC ms. */
  readonly startedAt: number
  /** Whether it went on from a saved time. */
  readonly resumed: boolean
  /** Exchange time at which a recording ends; time goes on, candles do not. */
  readonly endsAt: number | undefined
  requests(): number
  /** Ends open connections and leaves the exact time behind. */
  close(): Promise<void>
}

/**
 * The embedded exchange: Binance spot's market data over HTTP on loopback, at `speed` × real time.
 * @throws TallowError bad-input (symbols, speed), never-retry (torn state file), retry-later (the port is taken).
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { source, speed = 1, wall = monotonicTime } = options
  const log = options.log ?? (() => undefined)
  const markets = new Map(source.markets.map(market => [binanceId(market.symbol), market]))
  const contract = source.markets.find(({ symbol }) => symbol.includes(':'))
  if (contract)
    throw badInput(`${contract.symbol} is a contract: the embedded exchange plays spot markets`, {
      hint: 'use BASE/QUOTE',
    })
  const saved = savedTime(options, log)
  const startedAt = saved ?? options.startTime ?? source.defaultStart(options.historyRows ?? 2_500)
  const clock = new SimulatedClock({ startTime: startedAt, speed, wall })
  const api = createApi({
    source,
    markets,
    clock,
    weightPerMinute: options.weightPerMinute ?? 6_000,
    latencyMs: options.latencyMs ?? 0,
    faults: options.faults,
  })
  const { server, port } = await listen(api, options.port ?? 0)
  let keeper: TimeKeeper | undefined
  try {
    if (options.stateFile !== undefined) keeper = new TimeKeeper(options.stateFile, source.fingerprint, clock, speed)
  } catch (error) {
    server.close()
    throw error
  }
  if (keeper) {
    api.beforeAnswer(now => keeper.reserve(now))
    void keeper.run(wall, error => log('the exchange time was not saved', { error: String(error) }))
  }
  let closing: Promise<void> | undefined
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    clock,
    startedAt,
    resumed: saved !== undefined,
    endsAt: source.endsAt,
    requests: () => api.requests(),
    close: () => (closing ??= closeServer(server).finally(() => keeper?.close())),
  }
}

function savedTime(
  { source, stateFile }: SimulatorOptions,
  log: NonNullable<SimulatorOptions['log']>,
): number | undefined {
  const saved = stateFile === undefined ? undefined : readSavedTime(stateFile)
  if (!saved) return undefined
  if (saved.fingerprint !== source.fingerprint) {
    log('the exchange starts afresh: its saved time belongs to other candles', {
      saved: saved.fingerprint,
      played: source.fingerprint,
    })
    return undefined
  }
  return saved.timeMs
}

function listen(api: SimulatorApi, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer(
    (request: IncomingMessage, response: ServerResponse) => void api.answer(request, response),
  )
  // Longer than any client keeps an idle connection: who closes first must not be the one who is about to be asked.
  server.keepAliveTimeout = 75_000
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) =>
      reject(
        error.code === 'EADDRINUSE'
          ? retryLater(`port ${port} is taken`, {
              hint: 'stop what uses it, or choose another port (0 takes a free one)',
            })
          : error,
      ),
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : port })
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
