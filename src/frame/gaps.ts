import { barsBefore, barsBetween, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from './candle-frame.ts'

/** A run of bars without a candle. */
export interface Gap {
  /** Open time of the first missing candle, UTC ms. */
  readonly from: number
  /** Open time of the last missing candle, UTC ms. */
  readonly to: number
  readonly missing: number
}

/** The holes between a frame's first and last row, oldest first. */
export function findGaps(timeframe: Timeframe, frame: CandleFrame): Gap[] {
  const times = frame.time.values
  const gaps: Gap[] = []
  for (let row = 1; row < frame.length; row++) {
    const expected = nextBarOpen(timeframe, times[row - 1]!)
    const found = times[row]!
    if (found <= expected) continue
    const missing = barsBetween(timeframe, expected, found)
    if (missing > 0) gaps.push({ from: expected, to: barsBefore(timeframe, found, 1), missing })
  }
  return gaps
}
