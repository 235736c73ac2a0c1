import { barsBefore, barsBetween, durationMs } from '../../domain/timeframe.ts'
import type { Recording } from './recording.ts'

/** So many bars are played before the first gap: time to warm up, trade, and then meet it. */
const BARS_BEFORE_GAP = 300

/**
 * Where a recording begins to play when nobody says where. After `historyRows` bars of the finest recording (or a tenth
 * of it when it is shorter than twice that), so that indicators have their past at once; and if there is a gap after that,
 * 300 bars before the first one: an outage is the most telling thing in a recording, and is met early in each run.
 * It depends on the candles alone.
 * @returns open time of a bar, UTC ms.
 */
export function startOfPlay(recordings: readonly Recording[], historyRows: number): number {
  const finest = recordings.reduce((best, one) => (durationMs(one.timeframe) < durationMs(best.timeframe) ? one : best))
  const { frame, timeframe } = finest
  const rowsBefore = frame.length >= 2 * historyRows ? historyRows : Math.floor(frame.length / 10)
  const earliest = frame.timeAt(rowsBefore)
  const gap = firstGap(finest, rowsBefore)
  return gap === undefined ? earliest : Math.max(earliest, barsBefore(timeframe, gap, BARS_BEFORE_GAP))
}

/** Open time of the first missing bar behind `fromRow`. */
function firstGap({ frame, timeframe }: Recording, fromRow: number): number | undefined {
  for (let row = fromRow + 1; row < frame.length; row++) {
    const missing = barsBetween(timeframe, frame.timeAt(row - 1), frame.timeAt(row)) - 1
    if (missing > 0) return barsBefore(timeframe, frame.timeAt(row), missing)
  }
  return undefined
}
