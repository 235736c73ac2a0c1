import { LRUCache } from 'lru-cache'
import { badInput, neverRetry } from '../../domain/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nearest } from '../../domain/nearest.ts'
import { checkSymbol, compareKeys } from '../../domain/series.ts'
import { barOpen, durationMs, nests, nextBarOpen, type Timeframe } from '../../domain/timeframe.ts'
import { CandleFrame } from '../../frame/candle-frame.ts'
import { Resampler } from '../../frame/resampler.ts'
import type { CandleRequest, RawRow } from '../candle-source.ts'
import { playedInstrument } from '../played-instrument.ts'
import { rawRows, type PlayedMarket, type PlayedSource } from '../played-source.ts'
import { DAY_MINUTES, DAY_MS, generateDay, priceModel, type PriceModel } from './price-model.ts'

export interface GeneratedSourceOptions {
  readonly seed?: number
  readonly symbols?: readonly string[]
  /** Name in series keys. */
  readonly exchange?: string
  /** Where play begins, UTC ms. Default 2024-01-01. */
  readonly startTime?: number
  /** Most memory for days of 1m candles, in bytes. */
  readonly cacheBytesMax?: number
}

const BASE: Timeframe = '1m'
/** Six float64 and a mark per minute. */
const DAY_BYTES = DAY_MINUTES * 49
/** A change to the price model must show here: a saved exchange time belongs to one model. */
const MODEL_VERSION = 1

/**
 * Made-up markets by seed, without end: swings of 32 to 70 minutes, volatility clusters, volume that follows volatility.
 * Any day is made without those before it, so years of history cost nothing until they are asked for.
 */
export class GeneratedSource implements PlayedSource {
  readonly exchange: string
  readonly rowsPerRequestMax = 1_000
  readonly fingerprint: string
  readonly markets: readonly PlayedMarket[]
  readonly firstTime = Date.UTC(2017, 0, 1)
  readonly endsAt = undefined
  readonly #startTime: number
  readonly #models = new Map<string, PriceModel>()
  readonly #days: LRUCache<string, CandleFrame>

  constructor(options: GeneratedSourceOptions = {}) {
    const seed = options.seed ?? 1
    if (!Number.isSafeInteger(seed))
      throw badInput(`seed ${seed} is not a whole number`, { hint: 'use a whole number, e.g. 1' })
    const symbols = [...new Set(options.symbols ?? ['BTC/USDT', 'ETH/USDT', 'SOL/USDT'])].sort(compareKeys)
    if (symbols.length === 0)
      throw badInput('there are no symbols to generate', { hint: 'name at least one, e.g. BTC/USDT' })
    this.exchange = options.exchange ?? 'binance'
    this.#startTime = options.startTime ?? Date.UTC(2024, 0, 1)
    this.fingerprint = `generated ${MODEL_VERSION} seed ${seed} ${symbols.join(' ')}`
    for (const symbol of symbols) this.#models.set(checkSymbol(symbol), priceModel(symbol, seed | 0))
    this.markets = [...this.#models].map(([symbol, { priceDecimals, amountDecimals }]) => ({
      symbol,
      timeframe: BASE,
      instrument: playedInstrument(this.exchange, symbol, priceDecimals, amountDecimals),
    }))
    this.#days = new LRUCache({
      max: Math.max(2 * symbols.length, Math.floor((options.cacheBytesMax ?? 16_000_000) / DAY_BYTES)),
    })
  }

  defaultStart(): number {
    return this.#startTime
  }

  serverTime(): Promise<number> {
    return Promise.resolve(this.#startTime)
  }

  instruments(): Promise<readonly Instrument[]> {
    return Promise.resolve(this.markets.map(({ instrument }) => instrument))
  }

  async fetchCandles(
    { symbol, timeframe, since, limit }: CandleRequest,
    signal?: AbortSignal,
  ): Promise<readonly RawRow[]> {
    signal?.throwIfAborted()
    return rawRows(this.candles(symbol, timeframe, since, Math.min(limit, this.rowsPerRequestMax)))
  }

  candles(symbol: string, timeframe: Timeframe, since: number, limit: number): CandleFrame {
    const from = Math.max(since, this.firstTime)
    if (timeframe !== BASE && !nests(BASE, timeframe))
      throw neverRetry(`generated candles begin at ${BASE}: there are none at ${timeframe}`, {
        hint: `use ${BASE} or a higher timeframe`,
      })
    const model = this.#model(symbol)
    const rows = new CandleFrame(limit)
    if (durationMs(timeframe) <= DAY_MS) this.#daily(symbol, model, timeframe, from, limit, rows)
    else this.#longer(symbol, model, timeframe, from, limit, rows)
    return rows
  }

  close(): Promise<void> {
    this.#days.clear()
    return Promise.resolve()
  }

  /** Timeframes of which a day holds whole bars. */
  #daily(
    symbol: string,
    model: PriceModel,
    timeframe: Timeframe,
    since: number,
    limit: number,
    rows: CandleFrame,
  ): void {
    for (let day = Math.floor(since / DAY_MS); rows.length < limit; day++) {
      let frame = this.#day(symbol, model, day)
      if (timeframe !== BASE) frame = resample(frame, BASE, timeframe, DAY_MS / durationMs(timeframe))
      const from = frame.firstRowFrom(since)
      rows.appendRows(frame, from, Math.min(frame.length, from + limit - rows.length))
    }
  }

  /** 3d, 1w, 1M: from whole days. Bars that began before the first day are not there. */
  #longer(
    symbol: string,
    model: PriceModel,
    timeframe: Timeframe,
    since: number,
    limit: number,
    rows: CandleFrame,
  ): void {
    let open = barOpen(timeframe, since)
    if (open < since) open = nextBarOpen(timeframe, open)
    for (; rows.length < limit; open = nextBarOpen(timeframe, open)) {
      const days = new CandleFrame(31)
      this.#daily(symbol, model, '1d', open, (nextBarOpen(timeframe, open) - open) / DAY_MS, days)
      const bar = resample(days, '1d', timeframe, 1)
      rows.appendRows(bar, 0, 1)
    }
  }

  #day(symbol: string, model: PriceModel, day: number): CandleFrame {
    const key = `${symbol} ${day}`
    let frame = this.#days.get(key)
    if (!frame) {
      frame = generateDay(model, day)
      this.#days.set(key, frame)
    }
    return frame
  }

  #model(symbol: string): PriceModel {
    const model = this.#models.get(symbol)
    if (model) return model
    const known = [...this.#models.keys()]
    throw neverRetry(`${symbol} is not among the generated symbols`, {
      hint: `did you mean ${nearest(symbol, known) ?? known.join(', ')}?`,
    })
  }
}

function resample(frame: CandleFrame, base: Timeframe, timeframe: Timeframe, rows: number): CandleFrame {
  const resampler = new Resampler(frame, base, timeframe, new CandleFrame(rows))
  resampler.advance()
  return resampler.frame
}
