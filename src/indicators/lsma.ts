import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { SummedFold, type Sums } from './summed-fold.ts'
import { WEIGHTED_RESUM_EVERY_MS, weightedSum } from './weighted-sum.ts'
import { windowSum } from './window-sum.ts'

/**
 * Least squares moving average of the close: the end of the straight line through the last `period` closes, which is
 * `3 × wma − 2 × sma`. First value at row period − 1. A missing close gives NaN until it has left the window.
 */
export const lsma = defineIndicator({
  name: 'lsma',
  params: { period: int(25, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'linear regression over the window, as LINEARREG in TA-Lib, linreg in Tulip and TradingView (offset 0)',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new SummedFold(['close'], period, WEIGHTED_RESUM_EVERY_MS, new LineSums(period)),
})

/** The plain sum and the one weighted by 1 (oldest) to `period` (newest). */
class LineSums implements Sums {
  readonly #period: number
  #sum = 0
  #weighted = 0

  constructor(period: number) {
    this.#period = period
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    const values = input.close.values
    const period = this.#period
    this.#sum = windowSum(values, row, period)
    this.#weighted = weightedSum(values, row, period)
    out[0]!.values[row] = this.#weighted * (6 / (period * (period + 1))) - this.#sum * (2 / period)
    return Math.abs(this.#sum)
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const period = this.#period
    const weightedScale = 6 / (period * (period + 1))
    const sumScale = 2 / period
    let sum = this.#sum
    let weighted = this.#weighted
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const next = sum + (value - values[row - period]!)
      const size = Math.abs(next)
      if (!(size >= min && size <= max)) break
      weighted += period * value - sum
      sum = next
      result[row] = weighted * weightedScale - sum * sumScale
    }
    this.#sum = sum
    this.#weighted = weighted
    return row
  }
}
