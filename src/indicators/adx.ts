import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { isWhole } from './whole-rows.ts'

/**
 * Average directional index. Of two rows the greater of `high − high[−1]` and `low[−1] − low` is the move up or down, if
 * it is above 0. `plusDi` and `minusDi` are `100 ×` the moves up and down over the true ranges, each a sum of the first
 * `period` that then goes `sum − sum / period + new`; first values at row `period`. `adx` is the mean of the first
 * `period` values of `100 × |plusDi − minusDi| / (plusDi + minusDi)`, then `(adx × (period − 1) + new) / period`; first
 * value at row 2 × period − 1. While the price has not moved all are 0. A missing row starts it anew.
 *
 * `start=ta-lib` sums the first `period − 1` moves only, then goes on as above with the first values in the same rows;
 * `start=tulip` also has them a row earlier.
 */
export const adx = defineIndicator({
  name: 'adx',
  params: { period: int(14, { min: 2 }), start: choice('wilder', ['wilder', 'ta-lib', 'tulip']) },
  inputs: ['high', 'low', 'close'],
  outputs: ['adx', 'plusDi', 'minusDi'],
  source: 'J. Welles Wilder, New Concepts in Technical Trading Systems (1978)',
  warmup: ({ period, start }) => (start === 'tulip' ? 2 * period - 2 : 2 * period - 1),
  // The index is an average of quotients that have forgotten their start by then.
  settle: ({ period }) => 2 * period - 1 + 2 * rowsToForget((period - 1) / period, 1e-11),
  fold: ({ period, start }) => new AdxFold(period, start === 'wilder' ? period : period - 1, start === 'tulip'),
})

/** Sums below this are lifted back, so that a long flat stretch leaves the quotients where they were. */
const PATH_MIN = 2 ** -500
const LIFT = 2 ** 400

class AdxFold implements Fold {
  readonly #period: number
  /** Moves in the first sums. */
  readonly #seedMoves: number
  /** Moves until the first quotients. */
  readonly #diMoves: number
  /** Moves since the first row or a missing one, up to those of the first index; −1 without a row. */
  #moves = -1
  #plus = 0
  #minus = 0
  #path = 0
  /** While gathering the sum of the quotients, then their average. */
  #adx = 0

  constructor(period: number, seedMoves: number, earlier: boolean) {
    this.#period = period
    this.#seedMoves = seedMoves
    this.#diMoves = earlier ? period - 1 : period
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const adxMoves = this.#diMoves + this.#period - 1
    let row = from
    while (row < to) {
      if (this.#moves >= adxMoves) row = this.#run(input, out, row, to)
      if (row < to) row = this.#take(input, out, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one that needs more care. */
  #run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const adxs = out[0]!.values
    const pluses = out[1]!.values
    const minuses = out[2]!.values
    const share = 1 / this.#period
    const keep = (this.#period - 1) / this.#period
    let plus = this.#plus
    let minus = this.#minus
    let path = this.#path
    let adx = this.#adx
    let previousTop = high[from - 1]!
    let previousBottom = low[from - 1]!
    let previous = close[from - 1]!
    let row = from
    for (; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      const range = (top > previous ? top : previous) - (bottom < previous ? bottom : previous)
      const nextPath = path * keep + range
      // The first is true for NaN and infinity only.
      if (whole - whole !== 0 || nextPath < PATH_MIN) break
      const up = top - previousTop
      const down = previousBottom - bottom
      path = nextPath
      plus = plus * keep + (up > down && up > 0 ? up : 0)
      minus = minus * keep + (down > up && down > 0 ? down : 0)
      const both = plus + minus
      adx = adx * keep + (both === 0 ? 0 : (100 * Math.abs(plus - minus)) / both) * share
      adxs[row] = adx
      pluses[row] = (100 * plus) / path
      minuses[row] = (100 * minus) / path
      previousTop = top
      previousBottom = bottom
      previous = value
    }
    this.#plus = plus
    this.#minus = minus
    this.#path = path
    this.#adx = adx
    return row
  }

  /** One row outside the hot loop: at the start, a missing one, or of a price that has not moved for long. */
  #take(input: Lanes, out: readonly Column[], row: number): number {
    this.#move(input, row)
    const { values: adxs } = out[0]!
    const { values: pluses } = out[1]!
    const { values: minuses } = out[2]!
    const adxMoves = this.#diMoves + this.#period - 1
    adxs[row] = pluses[row] = minuses[row] = Number.NaN
    if (this.#moves < this.#diMoves) return row + 1
    pluses[row] = this.#path === 0 ? 0 : (100 * this.#plus) / this.#path
    minuses[row] = this.#path === 0 ? 0 : (100 * this.#minus) / this.#path
    if (this.#moves >= adxMoves) adxs[row] = this.#adx
    return row + 1
  }

  #move(input: Lanes, row: number): void {
    const { values: high } = input.high
    const { values: low } = input.low
    const { values: close } = input.close
    this.#moves = isWhole(high, low, close, row) ? this.#moves + 1 : -1
    if (this.#moves <= 0) {
      this.#plus = this.#minus = this.#path = this.#adx = 0
      return
    }
    const period = this.#period
    const up = high[row]! - high[row - 1]!
    const down = low[row - 1]! - low[row]!
    const keep = this.#moves > this.#seedMoves ? (period - 1) / period : 1
    // In this order: added to a price first, a small path would be lost.
    this.#path = this.#path * keep + (Math.max(high[row]!, close[row - 1]!) - Math.min(low[row]!, close[row - 1]!))
    this.#plus = this.#plus * keep + (up > down && up > 0 ? up : 0)
    this.#minus = this.#minus * keep + (down > up && down > 0 ? down : 0)
    this.#lift()
    this.#average()
  }

  #lift(): void {
    if (this.#path === 0 || this.#path >= PATH_MIN) return
    this.#path *= LIFT
    this.#plus *= LIFT
    this.#minus *= LIFT
  }

  #average(): void {
    const period = this.#period
    const adxMoves = this.#diMoves + period - 1
    if (this.#moves < this.#diMoves) return
    const both = this.#plus + this.#minus
    const dx = both === 0 ? 0 : (100 * Math.abs(this.#plus - this.#minus)) / both
    if (this.#moves > adxMoves) {
      this.#adx = this.#adx * ((period - 1) / period) + dx * (1 / period)
      this.#moves = adxMoves
      return
    }
    this.#adx += dx
    if (this.#moves === adxMoves) this.#adx /= period
  }
}
