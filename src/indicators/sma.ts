import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RESUM_EVERY_MS, RESUM_FACTOR, resumRow } from './resum.ts'
import { windowSum } from './window-sum.ts'

/**
 * Simple moving average of the close: the mean of the last `period` values. First value at row period − 1.
 * A missing close gives NaN until it has left the window.
 */
export const sma = defineIndicator({
  name: 'sma',
  params: { period: int(20, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'arithmetic mean of the last n closes',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period }) => new SmaFold(period),
})

class SmaFold implements Fold {
  readonly #period: number
  /** Finite closes in a row, up to `period`. */
  #count = 0
  #sum = 0
  #resumAtMs = 0
  /** Of the sums that are to be trusted, and how far they may be from it. */
  #middle = 0
  #reach = 0

  constructor(period: number) {
    this.#period = period
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const times = input.time.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#period) row = this.#roll(values, result, row, resumRow(times, row, to, this.#resumAtMs))
      if (row < to) row = this.#take(values, times, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one whose sum is not to be trusted. */
  #roll(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const middle = this.#middle
    const reach = this.#reach
    // As int32 from here on: the compiler need not ask in each round what they are, which is a tenth of the loop.
    const period = this.#period | 0
    const end = to | 0
    let row = from | 0
    let sum = this.#sum
    for (; row < end; row++) {
      const next = sum + (values[row]! - values[row - period]!)
      // Also false for NaN and infinity.
      if (!(Math.abs(next - middle) <= reach)) break
      sum = next
      result[row] = sum / period
    }
    this.#sum = sum
    return row
  }

  /** One row with a sum of its own. */
  #take(values: Float64Array, times: Float64Array, result: Float64Array, row: number): number {
    const period = this.#period
    if (!Number.isFinite(values[row]!)) this.#count = 0
    else if (this.#count < period) this.#count++
    if (this.#count < period) {
      result[row] = Number.NaN
      return row + 1
    }
    const sum = windowSum(values, row, period)
    this.#sum = sum
    this.#middle = (sum / RESUM_FACTOR + sum * RESUM_FACTOR) / 2
    this.#reach = Math.abs(sum * RESUM_FACTOR - sum / RESUM_FACTOR) / 2
    this.#resumAtMs = (Math.floor(times[row]! / RESUM_EVERY_MS) + 1) * RESUM_EVERY_MS
    result[row] = sum / period
    return row + 1
  }
}
