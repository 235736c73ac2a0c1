/** One closed kline at the edges of the program. Inside, candles live in columns (`CandleFrame`). */
export interface Candle {
  /** UTC ms. */
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** In base units. */
  readonly volume: number
}
