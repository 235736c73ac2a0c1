import { seriesKey, type SeriesId } from '../domain/series.ts'
import { ROW_FILLED, ROW_REVISED, type CandleFrame } from './candle-frame.ts'
import type { LoadReport } from './formats/load-report.ts'
import { findGaps, type Gap } from './gaps.ts'
import { rowDefect } from './row-check.ts'

/** What is wrong with a series' candles: a row of `data verify --json`. */
export interface SeriesVerdict {
  /** `binance:BTC/USDT:1h`. */
  readonly series: string
  readonly candles: number
  /** Open times of the first and last candle, UTC ms; null when there is none. */
  readonly from: number | null
  readonly to: number | null
  readonly gaps: readonly Gap[]
  readonly zeroVolume: number
  readonly outOfOrder: number
  readonly duplicates: number
  readonly misaligned: number
  readonly invalid: number
  readonly filled: number
  readonly revised: number
}

/**
 * Looks a frame over.
 * @param loaded what reading it from a file had already to put right or leave out; counted in.
 */
export function verifyFrame(
  series: SeriesId,
  frame: CandleFrame,
  loaded?: Pick<LoadReport, 'outOfOrder' | 'duplicates' | 'misaligned' | 'invalid' | 'revised'>,
): SeriesVerdict {
  const { time, open, high, low, close, volume } = frame
  let zeroVolume = 0
  let outOfOrder = loaded?.outOfOrder ?? 0
  let duplicates = loaded?.duplicates ?? 0
  let misaligned = loaded?.misaligned ?? 0
  let invalid = loaded?.invalid ?? 0
  let filled = 0
  let marked = 0
  for (let row = 0; row < frame.length; row++) {
    const at = time.values[row]!
    const traded = volume.values[row]!
    const defect = rowDefect(
      series.timeframe,
      at,
      open.values[row]!,
      high.values[row]!,
      low.values[row]!,
      close.values[row]!,
      traded,
    )
    if (defect === 'misaligned') misaligned++
    else if (defect) invalid++
    if (traded === 0) zeroVolume++
    if (row > 0 && at < time.values[row - 1]!) outOfOrder++
    if (row > 0 && at === time.values[row - 1]!) duplicates++
    if (frame.flags[row]! & ROW_FILLED) filled++
    if (frame.flags[row]! & ROW_REVISED) marked++
  }
  return {
    series: seriesKey(series),
    candles: frame.length,
    from: frame.length > 0 ? frame.timeAt(0) : null,
    to: frame.length > 0 ? frame.lastTime : null,
    gaps: findGaps(series.timeframe, frame),
    zeroVolume,
    outOfOrder,
    duplicates,
    misaligned,
    invalid,
    filled,
    // Of several versions of one candle the load counts each, the frame marks one row.
    revised: Math.max(marked, loaded?.revised ?? 0),
  }
}
