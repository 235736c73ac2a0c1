import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

const FLATS = ['50', '100', '0', 'empty'] as const
type FlatRsi = (typeof FLATS)[number]

/**
 * Relative strength index of the close, with Wilder's smoothing: `100 × gain / (gain + loss)`, where gain and loss
 * are averages that start as the mean of the first `period` changes and then go `(average × (period − 1) + new) / period`.
 * First value at row `period`. Only rises give 100, only falls 0. While the price has never moved there is neither
 * strength nor weakness, and it is 50: a flat market is no signal. Others say something else, which `flat` gives.
 * A missing close starts it anew.
 */
export const rsi = defineIndicator({
  name: 'rsi',
  params: { period: int(14, { min: 1 }), flat: choice('50', FLATS) },
  inputs: ['close'],
  outputs: ['value'],
  source:
    'J. Welles Wilder, New Concepts in Technical Trading Systems (1978); on flat prices flat=100 as in Skender ' +
    'Stock.Indicators and TradingView, flat=0 as in TA-Lib, flat=empty as in Tulip and pandas',
  warmup: ({ period }) => period,
  settle: ({ period }) => rsiSettle(period, 1),
  fold: ({ period, flat }) => new RsiFold(period, flat),
})

/**
 * Rows until it no longer matters where it started.
 * @param share of the scale, 0 to 100, that the values are then measured by.
 */
export function rsiSettle(period: number, share: number): number {
  // A hundredth of 1e-9: what is left of the start is divided by averages that may be smaller than those at the start.
  return period + rowsToForget((period - 1) / period, 1e-11 * share)
}

/** Sums below this are lifted back, so that a long flat stretch leaves the RSI where it was, to the last digit. */
const SIZE_MIN = 2 ** -500
const LIFT = 2 ** 400
const SIZE_MAX = Number.MAX_VALUE

/**
 * Keeps two sums instead of two averages: of the changes, `gain − loss`, and of their sizes, `gain + loss`. Both are
 * `period` times the averages, which cancels in the quotient; one multiplication a row and no branch on the sign.
 */
export class RsiFold implements Fold {
  readonly #period: number
  /** While the price has never moved. */
  readonly #flat: number
  /** Finite closes in a row, up to `period + 1`. */
  #count = 0
  #change = 0
  #size = 0

  constructor(period: number, flat: FlatRsi) {
    this.#period = period
    this.#flat = flat === 'empty' ? Number.NaN : Number(flat)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    this.run(input.close.values, out[0]!.values, from, to)
  }

  /** Rows `[from, to)` of the values into those of the result. */
  run(values: Float64Array, result: Float64Array, from: number, to: number): void {
    let row = from
    while (row < to) {
      if (this.#count > this.#period) row = this.#smoothRows(values, result, row, to)
      if (row < to) row = this.#take(values, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one that needs more care. */
  #smoothRows(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const keep = (this.#period - 1) / this.#period
    let change = this.#change
    let size = this.#size
    let previous = values[from - 1]!
    // As int32 from here on: the compiler need not ask in each round what they are, which is a tenth of the loop.
    const end = to | 0
    let row = from | 0
    for (; row < end; row++) {
      const value = values[row]!
      const difference = value - previous
      const nextSize = size * keep + Math.abs(difference)
      // Also false for NaN. What follows from it stands elsewhere: inside, it would cost four times the loop.
      if (!(nextSize >= SIZE_MIN && nextSize <= SIZE_MAX)) break
      change = change * keep + difference
      size = nextSize
      previous = value
      result[row] = 50 + 50 * (change / size)
    }
    this.#change = change
    this.#size = size
    return row
  }

  /** One row outside the hot loop: at the start, without a close, or of a price that has not moved for long. */
  #take(values: Float64Array, result: Float64Array, row: number): number {
    if (!Number.isFinite(values[row]!)) this.#count = 0
    else if (this.#count > this.#period) this.#smooth(values[row]! - values[row - 1]!)
    else if (++this.#count > this.#period) this.#start(values, row)
    // Sums past all numbers would give a value that looks right.
    if (this.#count > this.#period && this.#size > SIZE_MAX) this.#count = 0
    result[row] = this.#count > this.#period ? this.#value() : Number.NaN
    return row + 1
  }

  #smooth(difference: number): void {
    const keep = (this.#period - 1) / this.#period
    this.#change = this.#change * keep + difference
    this.#size = this.#size * keep + Math.abs(difference)
    if (this.#size === 0 || this.#size >= SIZE_MIN) return
    this.#change *= LIFT
    this.#size *= LIFT
  }

  #start(values: Float64Array, lastRow: number): void {
    this.#change = 0
    this.#size = 0
    for (let row = lastRow - this.#period + 1; row <= lastRow; row++) {
      const difference = values[row]! - values[row - 1]!
      this.#change += difference
      this.#size += Math.abs(difference)
    }
  }

  #value(): number {
    return this.#size > 0 ? 50 + 50 * (this.#change / this.#size) : this.#flat
  }
}
