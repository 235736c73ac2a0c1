import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { neverRetry } from '../domain/errors.ts'
import type { Instrument } from '../domain/instrument.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { createCcxtSource, type CcxtSource } from '../exchange/ccxt/ccxt-source.ts'
import { isPassing, MarketsKeeper } from '../exchange/ccxt/markets-keeper.ts'
import { TradedMarkets } from '../exchange/ccxt/traded-markets.ts'
import { ExchangeTime } from '../exchange/clock/exchange-time.ts'
import { withKnownTime } from '../exchange/clock/timed-source.ts'
import type { WallTime } from '../exchange/clock/wall-time.ts'
import { keptBan } from '../exchange/limiter/kept-ban.ts'
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
  /** Symbols that can be traded, ordered; both lists follow what the exchange tells while it runs. */
  readonly symbols: readonly string[]
  /** What they can be traded in, by symbol. */
  readonly instruments: ReadonlyMap<string, Instrument>
  /**
   * Before these symbols are checked: the exchange is asked once more when what an earlier run kept of it does not hold
   * them all, and it is told where it takes higher fees than the config says.
   * @throws retry-later when that cannot be asked.
   */
  readonly confirm: (symbols: readonly string[], signal: AbortSignal) => Promise<void>
  /** What an owner has to know of the exchange for as long as it lasts; undefined when there is nothing. */
  readonly trouble: () => string | undefined
}

const HOUR_MS = 3_600_000
/** This machine's time, UTC: what is kept over restarts is dated by it. */
const utcTime: WallTime = { now: Date.now, sleep: realSleep }

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
  const { weights } = source
  const found = await limiter.run(weights.instruments, 'query', () => source.instruments(signal), signal)
  return {
    source,
    limiter,
    clock,
    speed: clock.speed,
    clockOffsetMs: () => undefined,
    requestWeight: source.weights.candles,
    endsAt: simulator.endsAt,
    symbols: found.map(({ symbol }) => symbol),
    instruments: new Map(found.map(instrument => [instrument.symbol, instrument])),
    confirm: () => Promise.resolve(),
    trouble: () => undefined,
  }
}

/**
 * The exchange of the config. Its markets and the offset of its clock are kept in the data folder: while they are young it
 * is not asked for them again, and a start works while it is away.
 */
export async function plugReal(
  config: Config,
  log: Logger,
  closers: Closers,
  signal: AbortSignal,
): Promise<PluggedExchange> {
  const { id, base_url: baseUrl, weight_share_max: share, metadata_max_age_h: ageHoursMax } = config.exchange
  const origin = { exchange: id, baseUrl: baseUrl === undefined ? undefined : new URL(baseUrl).origin }
  const time = new ExchangeTime({
    origin,
    path: join(config.data_dir, `clock-${id}.json`),
    // A step of this machine's time must not make forming candles count as closed.
    wall: monotonicTime,
    utcNow: Date.now,
    notes: log,
  })
  // Also a ban is told in the exchange's time.
  const goingBy = await time.goByKept()
  const ban = keptBan(join(config.data_dir, `ban-${id}.json`), origin, time.clock, log)
  const limiter = new WeightLimiter({ clock: time.clock, share, ...ban })
  const where = { exchangeId: id, ...(baseUrl === undefined ? {} : { baseUrl }) }
  const source = await connect(config, where, limiter, log, closers, time)
  time.measureBy(() => limiter.run(source.weights.serverTime, 'query', () => source.serverTime(signal), signal))
  const traded = new TradedMarkets(source)
  const markets = new MarketsKeeper({
    source,
    limiter,
    path: join(config.data_dir, `markets-${id}.json.gz`),
    ageMsMax: ageHoursMax * HOUR_MS,
    wall: utcTime,
    notes: log,
    onRefreshed: () => traded.read(signal),
  })
  const reachable = await beginTime(time, source, { canGoOn: await markets.putBack(), goingBy }, log, signal)
  await markets.begin(reachable, signal)
  await traded.read(signal)
  const stop = new AbortController()
  closers.add(() => {
    stop.abort()
  })
  if (source.tellsTime) void time.keepMeasuring(stop.signal)
  void markets.keepFresh(stop.signal)
  const confirm = async (symbols: readonly string[], confirming: AbortSignal): Promise<void> => {
    await markets.lookUp(symbols, confirming)
    warnOfFees(source, symbols, config.trading.fee_rate, log)
  }
  return {
    source: withKnownTime(source, time),
    limiter,
    clock: time.clock,
    speed: 1,
    clockOffsetMs: () => time.offsetMs(),
    requestWeight: source.weights.candles,
    endsAt: undefined,
    symbols: traded.symbols,
    instruments: traded.instruments,
    confirm,
    trouble: () => (time.isKnown ? markets.trouble : `${id} has not told its time since the start: it does not answer`),
  }
}

/**
 * Measures the exchange's time, or goes by what there is while it is away.
 * @param canGoOn whether a start makes sense without it; `goingBy` says by what, then.
 * @returns whether it answered.
 */
async function beginTime(
  time: ExchangeTime,
  source: CcxtSource,
  { canGoOn, goingBy }: { readonly canGoOn: boolean; readonly goingBy: string },
  log: Logger,
  signal: AbortSignal,
): Promise<boolean> {
  if (!source.tellsTime) {
    time.goByMachine()
    log.warn(`${source.exchange} does not tell its time: this machine's clock is used, NTP has to keep it right`)
    return true
  }
  try {
    await time.measure()
    return true
  } catch (error) {
    if (!canGoOn || !isPassing(error, signal)) throw error
    log.warn(
      `${source.exchange} is away (${error instanceof Error ? error.message : String(error)}): going by ${goingBy} and by what is stored; candles are asked for until it is back`,
    )
    return false
  }
}

/** On paper, too low a fee is a profit that nobody would have made. */
function warnOfFees(source: CcxtSource, symbols: readonly string[], feeRate: number, log: Logger): void {
  const highest = Math.max(0, ...symbols.map(symbol => source.takerFeeRate(symbol) ?? 0))
  if (highest <= feeRate) return
  log.warn(
    `${source.exchange} takes ${percent(highest)} of a market order by default, trading.fee_rate is ${percent(feeRate)}: set what your account pays, or results on paper are too good`,
  )
}

function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(4))} %`
}

async function connect(
  config: Config,
  exchange: { readonly exchangeId: string; readonly name?: string; readonly baseUrl?: string },
  limiter: WeightLimiter,
  log: Logger,
  closers: Closers,
  time?: ExchangeTime,
): Promise<CcxtSource> {
  const source = await createCcxtSource({
    ...exchange,
    timeoutMs: config.exchange.request_timeout_ms,
    onResponse: usage => {
      limiter.observe(usage)
      time?.heard(usage)
    },
    onOddFilter: reason => {
      log.warn(reason)
    },
  })
  closers.add(() => source.close())
  return source
}
