import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RangePosition } from './range-position.ts'

/**
 * Williams %R: `−100 × (highest high − close) / (highest high − lowest low)` of the last `period` rows, −100 to 0. First
 * value at row period − 1. Where all prices are one there is no range, and it is `flat`. A missing row gives NaN until
 * it has left the window.
 */
export const williamsR = defineIndicator({
  name: 'williams-r',
  params: { period: int(14, { min: 1 }), flat: choice('0', ['0', '-50', 'empty']) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source:
    'Larry Williams, How I Made One Million Dollars (1973); 0 on flat prices as in TA-Lib and Tulip, flat=empty as in ' +
    'TradingView and Skender Stock.Indicators',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period, flat }) => new WilliamsFold(period, flat === 'empty' ? Number.NaN : Number(flat)),
})

/** The position of the stochastic oscillator, counted from the top of the range. */
class WilliamsFold implements Fold {
  readonly #position: RangePosition

  constructor(period: number, flat: number) {
    this.#position = new RangePosition(period, flat + 100, 0)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const result = out[0]!.values
    this.#position.run(input.high.values, input.low.values, input.close.values, result, from, to)
    for (let row = from; row < to; row++) result[row]! -= 100
  }
}
