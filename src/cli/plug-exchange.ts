import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { neverRetry } from '../domain/errors.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { createCcxtSource, type CcxtSource } from '../exchange/ccxt/ccxt-source.ts'
import { OffsetClock } from '../exchange/clock/offset-clock.ts'
import { WeightLimiter } from '../exchange/limiter/weight-limiter.ts'
import type { PlayedSource } from '../exchange/played-source.ts'
import { monotonicTime, realSleep } from '../exchange/simulator/real-time.ts'
import type { Closers } from './closers.ts'
import type { Config } from './config/schema.ts'
import { startEmbeddedExchange } from './embedded-exchange.ts'

/** An exchange and what stands around it. */
export interface PluggedExchange {
  readonly source: CandleSource
  readonly limiter: WeightLimiter
  /** The exchange's. */
  readonly clock: Clock
  /** Exchange time per real time. */
  readonly speed: number
  /** Exchange time minus this machine's; undefined where the two are not meant to agree. */
  readonly clockOffsetMs: () => number | undefined
  /** What one request for candles costs of the exchange's budget. */
  readonly requestWeight: number
  /** Exchange time at which a recording ends. */
  readonly endsAt: number | undefined
  /** Symbols that can be traded, ordered. */
  readonly symbols: readonly string[]
  /** What they can be traded in, by symbol. */
  readonly instruments: ReadonlyMap<string, Instrument>
}

const MEASURE_EVERY_MS = 60_000
/** An answer that took longer says too little about the exchange's time. */
const ROUND_TRIP_MS_MAX = 2_000

/** The embedded exchange with these candles. */
export async function plugPlayed(
  config: Config,
  played: PlayedSource,
  log: Logger,
  closers: Closers,
  signal: AbortSignal,
): Promise<PluggedExchange> {
  const settings = config.exchange.simulator
  if (settings === undefined) throw neverRetry('candles are to be played, but the config has no exchange.simulator')
  const simulator = await startEmbeddedExchange(played, settings, config.data_dir, log)
  closers.add(() => simulator.close())
  const { clock } = simulator
  const limiter = new WeightLimiter({
    clock,
    share: config.exchange.weight_share_max,
    weightPerWindow: settings.weight_per_minute,
  })
  const source = await connect(
    config,
    { exchangeId: 'binance', name: played.exchange, baseUrl: simulator.url },
    limiter,
    log,
    closers,
  )
  return {
    source,
    limiter,
    clock,
    speed: clock.speed,
    clockOffsetMs: () => undefined,
    requestWeight: source.weights.candles,
    endsAt: simulator.endsAt,
    ...(await askInstruments(source, limiter, signal)),
  }
}

/** The exchange of the config. Its time is measured now and every minute. */
export async function plugReal(
  config: Config,
  log: Logger,
  closers: Closers,
  signal: AbortSignal,
): Promise<PluggedExchange> {
  const { id, base_url: baseUrl, weight_share_max: share } = config.exchange
  // On the monotonic clock: a step of this machine's time must not make forming candles count as closed.
  const clock = new OffsetClock(monotonicTime)
  const limiter = new WeightLimiter({ clock, share })
  const source = await connect(
    config,
    { exchangeId: id, ...(baseUrl === undefined ? {} : { baseUrl }) },
    limiter,
    log,
    closers,
  )
  const measure = (): ReturnType<OffsetClock['measure']> =>
    clock.measure(
      () => limiter.run(source.weights.serverTime, 'query', () => source.serverTime(signal), signal),
      ROUND_TRIP_MS_MAX,
    )
  const { roundTripMs } = await measure()
  log.info(`${id}: clock offset ${offsetOf(clock).toFixed(0)} ms, round trip ${roundTripMs.toFixed(0)} ms`)
  void keepMeasuring(measure, log, closers)
  return {
    source,
    limiter,
    clock,
    speed: 1,
    clockOffsetMs: () => offsetOf(clock),
    requestWeight: source.weights.candles,
    endsAt: undefined,
    ...(await askInstruments(source, limiter, signal)),
  }
}

async function connect(
  config: Config,
  exchange: { readonly exchangeId: string; readonly name?: string; readonly baseUrl?: string },
  limiter: WeightLimiter,
  log: Logger,
  closers: Closers,
): Promise<CcxtSource> {
  const source = await createCcxtSource({
    ...exchange,
    timeoutMs: config.exchange.request_timeout_ms,
    onResponse: usage => {
      limiter.observe(usage)
    },
    onOddFilter: reason => {
      log.warn(reason)
    },
  })
  closers.add(() => source.close())
  return source
}

async function askInstruments(
  source: CcxtSource,
  limiter: WeightLimiter,
  signal: AbortSignal,
): Promise<Pick<PluggedExchange, 'symbols' | 'instruments'>> {
  const { weights } = source
  const found = await limiter.run(weights.instruments, 'query', () => source.instruments(signal), signal)
  return {
    symbols: found.map(({ symbol }) => symbol),
    instruments: new Map(found.map(instrument => [instrument.symbol, instrument])),
  }
}

/** Until everything is closed. A time that could not be measured is tried again a minute later. */
async function keepMeasuring(measure: () => Promise<unknown>, log: Logger, closers: Closers): Promise<void> {
  const stop = new AbortController()
  closers.add(() => {
    stop.abort()
  })
  while (!stop.signal.aborted) {
    try {
      await realSleep(MEASURE_EVERY_MS, stop.signal)
      await measure()
    } catch (error) {
      if (!stop.signal.aborted) log.debug(`the exchange's time was not measured: ${String(error)}`)
    }
  }
}

function offsetOf(clock: Clock): number {
  return clock.now() - Date.now()
}
