import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { badInput, neverRetry } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { createCcxtSource } from '../exchange/ccxt/ccxt-source.ts'
import { OffsetClock } from '../exchange/clock/offset-clock.ts'
import type { WallTime } from '../exchange/clock/wall-time.ts'
import { WeightLimiter } from '../exchange/limiter/weight-limiter.ts'
import type { PlayedSource } from '../exchange/played-source.ts'
import { realSleep } from '../exchange/simulator/real-time.ts'
import type { Simulator } from '../exchange/simulator/simulator.ts'
import { SqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts'
import { CandleStore } from '../market/candle-store.ts'
import { FrameCache } from '../market/frame-cache.ts'
import { InfluxSink } from '../telemetry/influx-sink.ts'
import type { PointSink } from '../telemetry/point.ts'
import type { Config } from './config/schema.ts'
import { startEmbeddedExchange } from './embedded-exchange.ts'
import { makeDataFolder } from './make-data-folder.ts'

/** This machine's time, UTC. */
const machineTime: WallTime = { now: () => Date.now(), sleep: realSleep }
const BYTES_PER_MB = 1024 * 1024

/** What a run on paper is plugged into. */
export interface Plugged {
  readonly source: CandleSource
  readonly limiter: WeightLimiter
  /** The exchange's. */
  readonly clock: Clock
  /** Exchange time per real time. */
  readonly speed: number
  readonly clockOffsetMs: () => number | undefined
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly ledger: SqliteLedger
  /** Undefined when points are off. */
  readonly points: PointSink | undefined
  /** Symbols that can be traded. */
  readonly symbols: readonly string[]
  /** Ends everything, in the order that loses nothing; says what could not be sent. */
  close(): Promise<void>
}

/**
 * The only place that chooses adapters: which exchange, clock, ledger and sink a run gets.
 * @param played candles for the embedded exchange; undefined: the exchange of the config.
 */
export async function plug(config: Config, played: PlayedSource | undefined, log: Logger): Promise<Plugged> {
  const closers: (() => void | Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    makeDataFolder(config.data_dir)
    // First: whoever holds the lock owns everything else in the folder.
    const ledger = SqliteLedger.open(join(config.data_dir, 'ledger.db'), { bot: config.bot })
    closers.push(() => {
      ledger.close()
    })
    const store = CandleStore.open(join(config.data_dir, 'candles.db'))
    closers.push(() => {
      store.close()
    })
    const points = pointSink(config, log)
    if (points) closers.push(() => points.close())
    const exchange = await plugExchange(config, played, log, closers)
    const symbols = await exchange.limiter.run(20, 'query', () => exchange.source.symbols())
    const cache = new FrameCache({ sizeBytesMax: config.market.cache_size_mb * BYTES_PER_MB })
    return { ...exchange, ledger, store, points, symbols, cache, close }
  } catch (error) {
    await close()
    throw error
  }
}

type PluggedExchange = Pick<Plugged, 'source' | 'limiter' | 'clock' | 'speed' | 'clockOffsetMs'>

async function plugExchange(
  config: Config,
  played: PlayedSource | undefined,
  log: Logger,
  closers: (() => void | Promise<void>)[],
): Promise<PluggedExchange> {
  const { exchange } = config
  const simulator = played && (await startEmbedded(config, played, log))
  if (simulator) closers.push(() => simulator.close())
  const offsetClock = new OffsetClock(machineTime)
  const clock = simulator?.clock ?? offsetClock
  const limiter = new WeightLimiter({
    clock,
    share: exchange.weight_share_max,
    ...(simulator === undefined ? {} : { weightPerWindow: exchange.simulator?.weight_per_minute ?? 6_000 }),
  })
  const baseUrl = simulator?.url ?? exchange.base_url
  const source = await createCcxtSource({
    exchangeId: simulator === undefined ? exchange.id : 'binance',
    timeoutMs: exchange.request_timeout_ms,
    onResponse: usage => {
      limiter.observe(usage)
    },
    ...(played === undefined ? {} : { name: played.exchange }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  })
  closers.push(() => source.close())
  if (simulator === undefined) {
    const { offsetMs, roundTripMs } = await offsetClock.measure(() =>
      limiter.run(1, 'query', () => source.serverTime()),
    )
    log.info(`${exchange.id}: clock offset ${offsetMs.toFixed(0)} ms, round trip ${roundTripMs.toFixed(0)} ms`)
  }
  return {
    source,
    limiter,
    clock,
    speed: simulator?.clock.speed ?? 1,
    // The embedded exchange has a time of its own.
    clockOffsetMs: () => (simulator === undefined ? offsetClock.offsetMs : undefined),
  }
}

function startEmbedded(config: Config, played: PlayedSource, log: Logger): Promise<Simulator> {
  const { simulator } = config.exchange
  if (simulator === undefined) throw neverRetry('candles are to be played, but the config has no exchange.simulator')
  return startEmbeddedExchange(played, simulator, config.data_dir, log)
}

function pointSink({ influx }: Config, log: Logger): PointSink | undefined {
  const { url, token, org, bucket, v1 } = influx
  if (url === undefined) return undefined
  return new InfluxSink(
    {
      url,
      batchSize: influx.batch_size,
      flushIntervalMs: influx.flush_interval_ms,
      maxPending: influx.pending_points_max,
      ...(token === undefined ? {} : { token }),
      ...(org === undefined ? {} : { org }),
      ...(bucket === undefined ? {} : { bucket }),
      ...(v1 === undefined ? {} : { v1 }),
    },
    {
      clock: new OffsetClock(machineTime),
      onLoss: (lost, reason) => {
        log.error(`${lost} points lost: ${reason}`)
      },
    },
  )
}

/** Checks that the exchange trades the symbols. @param where they were named. @throws bad input with the nearest right one. */
export function checkSymbols(
  wanted: readonly string[],
  known: readonly string[],
  exchange: string,
  where: string,
): void {
  for (const symbol of wanted) {
    if (known.includes(symbol)) continue
    const near = nearest(symbol, known)
    throw badInput(`${exchange} does not trade ${symbol}`, {
      where,
      hint: near === undefined ? `it trades ${known.slice(0, 20).join(', ')}` : `did you mean ${near}?`,
    })
  }
}
