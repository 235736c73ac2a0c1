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

  /**
   * Those within a candle, oldest first; the candle itself where there are none. A minute that did not trade shows the
   * close before it, which the candle may not have: what lies outside is taken to its edge.
   */
  within(bar: Bar, timeframe: Timeframe): readonly Bar[] {
    const end = nextBarOpen(timeframe, bar.openTime)
    const first = this.#frame.firstRowFrom(bar.openTime)
    const bars: Bar[] = []
    for (let row = first; row < this.#frame.length && this.#frame.timeAt(row) < end; row++)
      bars.push(inside(bar, barAt(this.#frame, row, this.#durationMs)))
    return bars.length === 0 ? [bar] : bars
  }
}

function inside({ low, high }: Bar, bar: Bar): Bar {
  if (bar.low >= low && bar.high <= high) return bar
  const clamp = (price: number): number => (price < low ? low : price > high ? high : price)
  return { ...bar, open: clamp(bar.open), high: clamp(bar.high), low: clamp(bar.low), close: clamp(bar.close) }
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
