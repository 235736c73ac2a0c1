import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/** The middle of a candle, `(high + low) / 2`: for other indicators to be computed of. A missing price gives NaN in its row. */
export const hl2 = defineIndicator({
  name: 'hl2',
  params: {},
  inputs: ['high', 'low'],
  outputs: ['value'],
  source: 'median price, as in TA-Lib and TradingView',
  warmup: () => 0,
  settle: () => 0,
  fold: () => new Hl2Fold(),
})

class Hl2Fold implements Fold {
  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const highs = input.high.values
    const lows = input.low.values
    const result = out[0]!.values
    for (let row = from; row < to; row++) {
      const price = (highs[row]! + lows[row]!) / 2
      // Infinity less itself is NaN, everything else 0.
      result[row] = price + (price - price)
    }
  }
}
