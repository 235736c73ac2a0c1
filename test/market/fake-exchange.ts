import type { Candle } from '../../src/domain/candle.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { retryLater } from '../../src/domain/errors.ts'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { seriesKey, type SeriesId } from '../../src/domain/series.ts'
import { barOpen, durationMs, nextBarOpen } from '../../src/domain/timeframe.ts'
import type { CandleRequest, CandleSource, RawRow } from '../../src/exchange/candle-source.ts'

/** Repeatable numbers in 0..1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function makeCandles(from: number, bars: number, seed: number, stepMs = 60_000): Candle[] {
  const random = randomFrom(seed)
  const candles: Candle[] = []
  let price = 100
  for (let bar = 0; bar < bars; bar++) {
    const open = price
    price = Math.max(1, price + random() - 0.5)
    const volume = random() < 0.05 ? 0 : 1 + random()
    const close = volume === 0 ? open : price
    if (volume === 0) price = open
    const [high, low] = volume === 0 ? [open, open] : [Math.max(open, close) + random(), Math.min(open, close) * 0.99]
    candles.push({ openTime: from + bar * stepMs, open, high, low, close, volume })
  }
  return candles
}

export interface Manners {
  /** Told of each request before anything else. */
  beforeAnswer?: (request: CandleRequest) => void
  /** Exchange ms until an answer is there. */
  answerMs?: () => number
  /** Thrown in place of an answer. */
  failure?: (request: CandleRequest) => Error | undefined
  /** Exchange ms from a bar's close until the exchange shows it as closed. */
  publishMs?: (series: string, openTime: number) => number
  /** What becomes of the rows on the way. */
  mangle?: (rows: RawRow[], request: CandleRequest) => RawRow[]
}

/** An exchange in virtual time, with bad manners as wanted. It shows a forming candle whose values are all wrong but the open. */
export class FakeExchange implements CandleSource {
  readonly exchange = 'fake'
  readonly rowsPerRequestMax: number
  readonly requests: (CandleRequest & { readonly at: number })[] = []
  readonly #candles: ReadonlyMap<string, readonly Candle[]>
  readonly #clock: Clock
  readonly #manners: Manners

  constructor(candles: ReadonlyMap<string, readonly Candle[]>, clock: Clock, manners: Manners = {}, rowsMax = 1000) {
    this.#candles = candles
    this.#clock = clock
    this.#manners = manners
    this.rowsPerRequestMax = rowsMax
  }

  serverTime(): Promise<number> {
    return Promise.resolve(this.#clock.now())
  }

  instruments(): Promise<readonly Instrument[]> {
    return Promise.resolve([...this.#candles.keys()].map(symbol => defaultInstrument(this.exchange, symbol)))
  }

  async fetchCandles(request: CandleRequest, signal?: AbortSignal): Promise<readonly RawRow[]> {
    this.requests.push({ ...request, at: this.#clock.now() })
    const { beforeAnswer, answerMs, failure, mangle } = this.#manners
    beforeAnswer?.(request)
    const totalMs = answerMs?.() ?? 0
    if (totalMs > 0) await this.#clock.sleep(totalMs / 2, signal)
    const error = failure?.(request)
    if (error) throw error
    const rows = this.#rows(request)
    if (totalMs > 0) await this.#clock.sleep(totalMs / 2, signal)
    return mangle ? mangle(rows, request) : rows
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #rows({ symbol, timeframe, since, limit }: CandleRequest): RawRow[] {
    const now = this.#clock.now()
    const key = seriesKey({ exchange: this.exchange, symbol, timeframe })
    const rows: RawRow[] = []
    const forming = barOpen(timeframe, now)
    for (const candle of this.#candles.get(symbol) ?? []) {
      const { openTime, open, high, low, close, volume } = candle
      if (openTime < since || openTime > forming || rows.length >= limit) continue
      const closesAt = nextBarOpen(timeframe, openTime)
      if (openTime === forming) {
        const age = (now - openTime) / durationMs(timeframe)
        if (age < 0.1 || volume === 0) rows.push([openTime, open * 1.5, open * 1.5, open * 1.5, open * 1.5, 0])
        else rows.push([openTime, open, open * 2, open / 2, open * 1.7, volume * age])
      } else if (now >= closesAt + (this.#manners.publishMs?.(key, openTime) ?? 0))
        rows.push([openTime, open, high, low, close, volume])
    }
    return rows
  }
}

/** An outage: every request fails between two instants. */
export function failsBetween(clock: Clock, from: number, to: number): NonNullable<Manners['failure']> {
  return () => (clock.now() >= from && clock.now() < to ? retryLater('the exchange is away') : undefined)
}

export const noLimiter = { run: <T>(_weight: number, _priority: unknown, task: () => Promise<T>): Promise<T> => task() }

export function series(symbol: string, timeframe: SeriesId['timeframe'] = '1m'): SeriesId {
  return { exchange: 'fake', symbol, timeframe }
}
