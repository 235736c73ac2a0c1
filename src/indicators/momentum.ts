import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Momentum of the close: `close − close period rows before`. First value at row `period`.
 * A missing close gives NaN until it has left the window.
 */
export const momentum = defineIndicator({
  name: 'momentum',
  params: { period: int(10, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'as MOM in TA-Lib and Tulip, mom in TradingView',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new MomentumFold(period),
})

class MomentumFold implements Fold {
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
      result[row] = value - values[row - period]!
    }
    this.#whole = whole
  }
}
