import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Rate of change of the close in percent: `100 × (close − before) / before`, where `before` is the close `period` rows
 * before. First value at row `period`. NaN when the close before was 0.
 * A missing close gives NaN until it has left the window.
 */
export const roc = defineIndicator({
  name: 'roc',
  params: { period: int(10, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'as ROC in TA-Lib, TradingView and Skender Stock.Indicators',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new RocFold(period),
})

class RocFold implements Fold {
  readonly #period: number
  /** The first row whose window holds no missing close. */
  #whole: number

  constructor(period: number) {
    this.#period = period
    this.#whole = period
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const result = out[0]!.values
    const period = this.#period
    let whole = this.#whole
    for (let row = from; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) whole = row + 1 + period
      if (row < whole) {
        result[row] = Number.NaN
        continue
      }
      const before = values[row - period]!
      // A market that was worth nothing has no rate.
      result[row] = before === 0 ? Number.NaN : (100 * (value - before)) / before
    }
    this.#whole = whole
  }
}
