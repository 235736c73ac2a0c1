import fc from 'fast-check'
import { CandleFrame } from '../../src/frame/candle-frame.ts'

export const MINUTE_MS = 60_000

/** Flat one-minute candles from time 0 with these closes and a volume of 1. */
export function frameOf(closes: readonly number[]): CandleFrame {
  const frame = new CandleFrame(closes.length)
  for (const [row, close] of closes.entries()) frame.append(row * MINUTE_MS, close, close, close, close, 1)
  return frame
}

/** Valid one-minute candles with gaps and candles that did not trade. */
export const minuteFrames: fc.Arbitrary<CandleFrame> = fc
  .tuple(
    fc.integer({ min: 20_000_000, max: 28_000_000 }),
    fc.array(
      fc.record({
        skip: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(90) }),
        prices: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 4, maxLength: 4 }),
        volume: fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true })),
      }),
      { maxLength: 200 },
    ),
  )
  .map(([startMinute, rows]) => {
    const frame = new CandleFrame()
    let minute = startMinute
    for (const { skip, prices, volume } of rows) {
      minute += skip
      const [low = 1, open = 1, close = 1, high = 1] = prices.sort((a, b) => a - b)
      frame.append(minute * MINUTE_MS, open, high, low, close, volume)
      minute++
    }
    return frame
  })

/** A frame's rows as plain arrays, marks last: for deepEqual. */
export function rowsOf(frame: CandleFrame): number[][] {
  return Array.from({ length: frame.length }, (_, row) => [
    ...Object.values(frame.candle(row) as unknown as Record<string, number>),
    frame.flags[row] ?? 0,
  ])
}
