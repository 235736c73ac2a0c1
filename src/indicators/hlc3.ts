import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/** The typical price of a candle, `(high + low + close) / 3`: for other indicators to be computed of. A missing price gives NaN in its row. */
export const hlc3 = defineIndicator({
  name: 'hlc3',
  params: {},
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'typical price, as in TA-Lib and TradingView',
  warmup: () => 0,
  settle: () => 0,
  fold: () => new Hlc3Fold(),
})

class Hlc3Fold implements Fold {
  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const highs = input.high.values
    const lows = input.low.values
    const closes = input.close.values
    const result = out[0]!.values
    for (let row = from; row < to; row++) {
      const price = (highs[row]! + lows[row]! + closes[row]!) / 3
      // Infinity less itself is NaN, everything else 0.
      result[row] = price + (price - price)
    }
  }
}
