import { CandleFrame } from '../../../src/frame/candle-frame.ts'

export const MINUTE_MS = 60_000

/** 1m candles from `startTime`, a gap wherever `missing` says so; every value can be told from its row. */
export function minuteFrame(
  startTime: number,
  rows: number,
  missing: (row: number) => boolean = () => false,
): CandleFrame {
  const frame = new CandleFrame(rows)
  for (let row = 0; row < rows; row++) {
    if (missing(row)) continue
    const open = 100 + (row % 50)
    frame.append(
      startTime + row * MINUTE_MS,
      open,
      open + 3,
      open - 2.5,
      open + (row % 2 === 0 ? 1 : -1),
      10 + (row % 7),
    )
  }
  return frame
}
