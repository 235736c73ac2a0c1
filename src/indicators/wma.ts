import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { SummedFold, type Sums } from './summed-fold.ts'
import { WEIGHTED_RESUM_EVERY_MS, weightedSum } from './weighted-sum.ts'
import { windowSum } from './window-sum.ts'

/**
 * Weighted moving average of the close: the last `period` closes with weights 1 (oldest) to `period` (newest), over
 * the sum of the weights. First value at row period − 1. A missing close gives NaN until it has left the window.
 */
export const wma = defineIndicator({
  name: 'wma',
  params: { period: int(20, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'linear weights, as in TA-Lib, Tulip and Skender Stock.Indicators',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new SummedFold(['close'], period, WEIGHTED_RESUM_EVERY_MS, new WeightedSums(period)),
})

/** As the window moves on, every weight falls by one: the weighted sum falls by the plain one. */
class WeightedSums implements Sums {
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
    out[0]!.values[row] = this.#weighted * (2 / (period * (period + 1)))
    return Math.abs(this.#sum)
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const period = this.#period
    const scale = 2 / (period * (period + 1))
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
      result[row] = weighted * scale
    }
    this.#sum = sum
    this.#weighted = weighted
    return row
  }
}
