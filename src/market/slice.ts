import type { Candle } from '../domain/candle.ts'

export interface SliceCandle {
  readonly key: string
  readonly candle: Candle
  /** Open of the bar that is forming now, when final. */
  readonly nextOpen?: number
  /** Whether it was filled in, since the exchange has none; only from the store. */
  readonly filled?: true
}

/** All series' candles of one instant. */
export interface Slice {
  /** Instant: the close of its candles, UTC ms. */
  readonly time: number
  /** Ordered by series key. */
  readonly candles: readonly SliceCandle[]
  /** Series expected at this instant that did not come in time, ordered. */
  readonly late: readonly string[]
  /** Series whose newest candle was overdue when this was sealed, ordered. */
  readonly stale: readonly string[]
}
