import type { CandleFrame } from '../../frame/candle-frame.ts'

/** The finest that money is kept in. */
const DECIMALS_MAX = 18
/** Below it each whole number of last digits is a float of its own. A price with more digits was computed, not quoted. */
const DIGITS_MAX = 1e15

/**
 * The fewest digits behind the point that every price of the frame can be written with; 18 as soon as one of them is no
 * quoted price (it has more than 15 digits), since computed prices lie on no grid.
 */
export function priceDecimals(frame: CandleFrame): number {
  let decimals = 0
  for (const column of [frame.open, frame.high, frame.low, frame.close]) {
    for (let row = 0; row < frame.length; row++) {
      const price = column.values[row] ?? 0
      if (fits(price, 10 ** decimals)) continue
      const own = decimalsOf(price)
      if (own === undefined) return DECIMALS_MAX
      decimals = Math.max(decimals, own)
    }
  }
  return decimals
}

function decimalsOf(price: number): number | undefined {
  for (let decimals = 0; decimals <= DECIMALS_MAX && price * 10 ** decimals < DIGITS_MAX; decimals++)
    if (fits(price, 10 ** decimals)) return decimals
  return undefined
}

function fits(price: number, scale: number): boolean {
  return Math.round(price * scale) / scale === price
}
