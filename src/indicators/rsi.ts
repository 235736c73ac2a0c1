import { int } from '../domain/param.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold } from './fold.ts'

/**
 * Relative strength index of the close, with Wilder's smoothing: `100 × gain / (gain + loss)`, where gain and loss
 * are averages that start as the mean of the first `period` changes and then go `(average × (period − 1) + new) / period`.
 * First value at row `period`. Only rises give 100, only falls 0. While the price has never moved there is neither
 * strength nor weakness, and it is 50 (other libraries say 100, 0 or nothing): a flat market is no signal.
 * A missing close starts it anew.
 */
export const rsi = defineIndicator({
  name: 'rsi',
  params: { period: int(14, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'J. Welles Wilder, New Concepts in Technical Trading Systems (1978)',
  warmup: ({ period }) => period,
  // A hundredth of 1e-9: what is left of the start is divided by averages that may be smaller than those at the start.
  settle: ({ period }) => period + rowsToForget((period - 1) / period, 1e-11),
  fold: ({ period }) => new RsiFold(period),
})

/** Below this the sums are lifted back, so that a long flat stretch leaves the RSI where it was, to the last digit. */
const TINY = 2 ** -500
const LIFT = 2 ** 400

/**
 * Keeps two sums instead of two averages: of the changes, `gain − loss`, and of their sizes, `gain + loss`. Both are
 * `period` times the averages, which cancels in the quotient; one multiplication a row and no branch on the sign.
 */
class RsiFold implements Fold {
  readonly #period: number
  /** Finite closes in a row, up to `period + 1`. */
  #count = 0
  #change = 0
  #size = 0

  constructor(period: number) {
    this.#period = period
  }

  advance(input: CandleFrame, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count > this.#period) row = this.#run(values, result, row, to)
      if (row < to) row = this.#gather(values, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one without a close. */
  #run(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const keep = (this.#period - 1) / this.#period
    let change = this.#change
    let size = this.#size
    let previous = values[from - 1]!
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const difference = value - previous
      // True for NaN and infinity only.
      if (difference - difference !== 0) break
      change = change * keep + difference
      size = size * keep + Math.abs(difference)
      previous = value
      if (size < TINY && size > 0) {
        change *= LIFT
        size *= LIFT
      }
      result[row] = size > 0 ? 50 + 50 * (change / size) : 50
    }
    this.#change = change
    this.#size = size
    if (row < to) this.#count = 0
    return row
  }

  #gather(values: Float64Array, result: Float64Array, row: number): number {
    this.#count = Number.isFinite(values[row]!) ? this.#count + 1 : 0
    result[row] = this.#count > this.#period ? this.#start(values, row) : Number.NaN
    return row + 1
  }

  #start(values: Float64Array, lastRow: number): number {
    let change = 0
    let size = 0
    for (let row = lastRow - this.#period + 1; row <= lastRow; row++) {
      const difference = values[row]! - values[row - 1]!
      change += difference
      size += Math.abs(difference)
    }
    this.#change = change
    this.#size = size
    return size > 0 ? 50 + 50 * (change / size) : 50
  }
}
