import type { CandleFrame } from '../../frame/candle-frame.ts'

/** Exchanges quote prices with at most so many digits behind the point. */
const DECIMALS_MAX = 8

/** The fewest digits behind the point that every price of the frame can be written with, at most 8. */
export function priceDecimals(frame: CandleFrame): number {
  let decimals = 0
  for (const column of [frame.open, frame.high, frame.low, frame.close]) {
    for (let row = 0; row < frame.length && decimals < DECIMALS_MAX; row++) {
      const price = column.values[row] ?? 0
      while (decimals < DECIMALS_MAX && !fits(price, decimals)) decimals++
    }
  }
  return decimals
}

function fits(price: number, decimals: number): boolean {
  const scale = 10 ** decimals
  return Math.round(price * scale) / scale === price
}
