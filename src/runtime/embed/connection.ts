import { join } from 'node:path'
import type { Clock } from '../../domain/clock.ts'
import type { CandleSource } from '../../exchange/candle-source.ts'
import { createCcxtSource } from '../../exchange/ccxt/ccxt-source.ts'
import { MarketsKeeper } from '../../exchange/ccxt/markets-keeper.ts'
import { ExchangeTime } from '../../exchange/clock/exchange-time.ts'
import { withKnownTime } from '../../exchange/clock/timed-source.ts'
import { keptBan } from '../../exchange/limiter/kept-ban.ts'
import { WeightLimiter } from '../../exchange/limiter/weight-limiter.ts'
import type { Notes } from '../../exchange/notes.ts'
import { GeneratedSource, type GeneratedSourceOptions } from '../../exchange/simulator/generated-source.ts'
import { monotonicTime, realSleep } from '../../exchange/simulator/real-time.ts'
import { startSimulator } from '../../exchange/simulator/simulator.ts'

/** An exchange that a program has asked something of. */
export interface Connection {
  readonly source: CandleSource
  readonly limiter: WeightLimiter
  /** The exchange's. */
  readonly clock: Clock
  readonly requestWeight: number
  close(): Promise<void>
}

export interface ExchangeOptions {
  /** Sends every request to this origin instead of the exchange's own: `http://127.0.0.1:8080`. */
  readonly baseUrl?: string
  /** Share of the exchange's request budget that is used at most, 0..1 (0.8). */
  readonly weightShareMax?: number
  /** Real ms that one request may take (10,000). */
  readonly requestTimeoutMs?: number
}

/** Made-up markets on an exchange inside the process: no network, the same candles for the same seed. */
export interface SimulatedOptions extends Pick<GeneratedSourceOptions, 'seed' | 'symbols' | 'startTime'> {
  /** Exchange time per real time (1). */
  readonly speed?: number
}

const DAY_MS = 86_400_000

/** The name of the embedded exchange in series keys. */
export const SIMULATED = 'simulated'

/**
 * Any exchange that ccxt knows. Its clock's offset, its markets and a ban are kept in the folder.
 * @throws TallowError when it does not answer and nothing of it is kept, or when ccxt knows none of that name.
 */
export async function connect(id: string, options: ExchangeOptions, folder: string, notes: Notes): Promise<Connection> {
  const { baseUrl, weightShareMax: share = 0.8, requestTimeoutMs: timeoutMs = 10_000 } = options
  const stop = new AbortController()
  const origin = { exchange: id, baseUrl: baseUrl === undefined ? undefined : new URL(baseUrl).origin }
  const path = join(folder, `clock-${id}.json`)
  const time = new ExchangeTime({ origin, path, wall: monotonicTime, utcNow: Date.now, notes })
  await time.goByKept()
  const ban = keptBan(join(folder, `ban-${id}.json`), origin, time.clock, notes)
  const limiter = new WeightLimiter({ clock: time.clock, share, ...ban })
  const source = await createCcxtSource({
    exchangeId: id,
    timeoutMs,
    onResponse: usage => {
      limiter.observe(usage)
      time.heard(usage)
    },
    ...(baseUrl === undefined ? {} : { baseUrl }),
  })
  const markets = new MarketsKeeper({
    source,
    limiter,
    path: join(folder, `markets-${id}.json.gz`),
    ageMsMax: DAY_MS,
    wall: { now: Date.now, sleep: realSleep },
    notes,
    onRefreshed: () => Promise.resolve(),
  })
  if (source.tellsTime)
    time.measureBy(() =>
      limiter.run(source.weights.serverTime, 'query', () => source.serverTime(stop.signal), stop.signal),
    )
  else time.goByMachine()
  const close = async (): Promise<void> => {
    stop.abort()
    await source.close()
  }
  try {
    const hasMarkets = await markets.putBack()
    const isThere = await time.measure().then(
      () => true,
      () => false,
    )
    if (!hasMarkets || isThere) await markets.begin(true, stop.signal)
  } catch (error) {
    await close()
    throw error
  }
  if (source.tellsTime) void time.keepMeasuring(stop.signal)
  return {
    source: withKnownTime(source, time),
    limiter,
    clock: time.clock,
    requestWeight: source.weights.candles,
    close,
  }
}

export async function connectSimulated({ speed = 1, ...generated }: SimulatedOptions): Promise<Connection> {
  const simulator = await startSimulator({ source: new GeneratedSource({ ...generated, exchange: SIMULATED }), speed })
  const { clock } = simulator
  const limiter = new WeightLimiter({ clock })
  const source = await createCcxtSource({
    exchangeId: 'binance',
    name: SIMULATED,
    baseUrl: simulator.url,
    onResponse: usage => limiter.observe(usage),
  })
  const close = async (): Promise<void> => {
    await source.close()
    await simulator.close()
  }
  return { source, limiter, clock, requestWeight: source.weights.candles, close }
}
