import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { windowSum } from './window-sum.ts'

/**
 * Exponential moving average of the close: `ema = ema × (1 − k) + close × k` with `k = 2 / (period + 1)`, started
 * by the mean of the first `period` closes, at row period − 1. A missing close starts it anew.
 */
export const ema = defineIndicator({
  name: 'ema',
  params: { period: int(20, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'smoothing 2 / (n + 1), seeded by the SMA of the first n closes, as in Skender Stock.Indicators and TA-Lib',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1 + rowsToForget(1 - 2 / (period + 1), 1e-9),
  fold: ({ period }) => new EmaFold(period),
})

class EmaFold implements Fold {
  readonly #period: number
  /** Finite closes in a row, up to `period`. */
  #count = 0
  #ema = 0

  constructor(period: number) {
    this.#period = period
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#period) row = this.#run(values, result, row, to)
      if (row < to) row = this.#gather(values, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one without a close. */
  #run(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const weight = 2 / (this.#period + 1)
    const keep = 1 - weight
    let ema = this.#ema
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      ema = ema * keep + value * weight
      result[row] = ema
    }
    this.#ema = ema
    return row
  }

  #gather(values: Float64Array, result: Float64Array, row: number): number {
    this.#count = Number.isFinite(values[row]!) ? this.#count + 1 : 0
    const full = this.#count === this.#period
    if (full) this.#ema = windowSum(values, row, this.#period) / this.#period
    result[row] = full ? this.#ema : Number.NaN
    return row + 1
  }
}
