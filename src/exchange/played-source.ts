import type { Instrument } from '../domain/instrument.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { CandleSource, RawRow } from './candle-source.ts'

export interface PlayedMarket {
  readonly symbol: string
  /** The finest timeframe there is; the candle forming in it is what prices move by. */
  readonly timeframe: Timeframe
  /** Its filters: what the embedded exchange says of them. */
  readonly instrument: Instrument
}

/** Candles that the embedded exchange can play: all of them are there at once, what is shown is the exchange's business. */
export interface PlayedSource extends CandleSource {
  /** Tells one source of candles from another, so that a saved exchange time is not applied to other candles. */
  readonly fingerprint: string
  readonly markets: readonly PlayedMarket[]
  /** Open time of the first candle, UTC ms. */
  readonly firstTime: number
  /** Close of the last candle, UTC ms; undefined when there is no end. */
  readonly endsAt: number | undefined
  /** Where play begins if nobody says where, UTC ms, with `historyRows` candles before it when there are so many. */
  defaultStart(historyRows: number): number
  /** Up to `limit` candles from `since` on, as columns that the caller may keep. @throws TallowError `never-retry`. */
  candles(symbol: string, timeframe: Timeframe, since: number, limit: number): CandleFrame
}

/** A frame's rows in the form in which sources hand them over. */
export function rawRows(frame: CandleFrame): RawRow[] {
  const rows: RawRow[] = []
  for (let row = 0; row < frame.length; row++) {
    const { openTime, open, high, low, close, volume } = frame.candle(row)
    rows.push([openTime, open, high, low, close, volume])
  }
  return rows
}
