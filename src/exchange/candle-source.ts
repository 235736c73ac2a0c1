import type { Instrument } from '../domain/instrument.ts'
import type { Timeframe } from '../domain/timeframe.ts'

export interface CandleRequest {
  readonly symbol: string
  readonly timeframe: Timeframe
  /** Open time of the first row wanted, UTC ms. */
  readonly since: number
  /** At most so many rows. */
  readonly limit: number
}

/** `[openTime, open, high, low, close, volume]` as the exchange gave it: anything may stand in it. */
export type RawRow = readonly unknown[]

/** Where candles come from: an exchange, a recording. Answers are not trusted; the fetcher checks every row. */
export interface CandleSource {
  /** Name in series keys: `binance`. */
  readonly exchange: string
  /** Most rows that one request returns. */
  readonly rowsPerRequestMax: number
  /** The exchange's clock, UTC ms. */
  serverTime(signal?: AbortSignal): Promise<number>
  /** What can be traded, with its filters, ordered by symbol. */
  instruments(signal?: AbortSignal): Promise<readonly Instrument[]>
  /**
   * Rows ascending from `since`; the last may be the candle that is still forming.
   * @throws TallowError `retry-later` (with `retryAfterMs` when the exchange said so) or `never-retry`.
   */
  fetchCandles(request: CandleRequest, signal?: AbortSignal): Promise<readonly RawRow[]>
  close(): Promise<void>
}
