import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'

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

class WilliamsFold implements Fold {
  readonly #max: RollingMax
  readonly #min: RollingMin
  readonly #flat: number

  constructor(period: number, flat: number) {
    this.#max = new RollingMax(period)
    this.#min = new RollingMin(period)
    this.#flat = flat
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const flat = this.#flat
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const top = this.#max.next(high[row]! + gap)
      const bottom = this.#min.next(low[row]! + gap)
      result[row] = top === bottom ? flat : (-100 * (top - value)) / (top - bottom)
    }
  }
}
