import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/** The mean price of a candle, `(open + high + low + close) / 4`: for other indicators to be computed of. A missing price gives NaN in its row. */
export const ohlc4 = defineIndicator({
  name: 'ohlc4',
  params: {},
  inputs: ['open', 'high', 'low', 'close'],
  outputs: ['value'],
  source: 'average price, as in TA-Lib and TradingView',
  warmup: () => 0,
  settle: () => 0,
  fold: () => new Ohlc4Fold(),
})

class Ohlc4Fold implements Fold {
  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const opens = input.open.values
    const highs = input.high.values
    const lows = input.low.values
    const closes = input.close.values
    const result = out[0]!.values
    for (let row = from; row < to; row++) {
      const price = (opens[row]! + highs[row]! + lows[row]! + closes[row]!) / 4
      // Infinity less itself is NaN, everything else 0.
      result[row] = price + (price - price)
    }
  }
}
