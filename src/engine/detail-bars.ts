import type { Bar } from '../broker/matching/bar.ts'
import { durationMs, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'

/** Candles of a lower timeframe, found by the candle that they make up. */
export class DetailBars {
  readonly #frame: CandleFrame
  readonly #durationMs: number

  constructor(frame: CandleFrame, timeframe: Timeframe) {
    this.#frame = frame
    this.#durationMs = durationMs(timeframe)
  }

  /** Those within a candle, oldest first; the candle itself where there are none. */
  within(bar: Bar, timeframe: Timeframe): readonly Bar[] {
    const end = nextBarOpen(timeframe, bar.openTime)
    const first = this.#frame.firstRowFrom(bar.openTime)
    const bars: Bar[] = []
    for (let row = first; row < this.#frame.length && this.#frame.timeAt(row) < end; row++)
      bars.push(barAt(this.#frame, row, this.#durationMs))
    return bars.length === 0 ? [bar] : bars
  }
}

/** A row of a frame as a bar to match with. */
export function barAt(frame: CandleFrame, row: number, lengthMs: number): Bar {
  return {
    openTime: frame.time.values[row]!,
    durationMs: lengthMs,
    open: frame.open.values[row]!,
    high: frame.high.values[row]!,
    low: frame.low.values[row]!,
    close: frame.close.values[row]!,
  }
}
