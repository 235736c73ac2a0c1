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
    let row = from
    while (row < to) {
      if (row >= this.#whole) row = this.#run(values, result, row, to)
      for (; row < to && !(row >= this.#whole && Number.isFinite(values[row]!)); row++) {
        if (!Number.isFinite(values[row]!)) this.#whole = row + 1 + this.#period
        result[row] = Number.NaN
      }
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one without a close. */
  #run(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const period = this.#period
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      const before = values[row - period]!
      const rate = (100 * (value - before)) / before
      // A market that was worth nothing has no rate: infinity becomes NaN.
      result[row] = rate + (rate - rate)
    }
    return row
  }
}
