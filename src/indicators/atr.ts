import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingSum } from './rolling-sum.ts'
import { closeBefore, isWhole } from './whole-rows.ts'

/**
 * Average true range: the mean of the first `period` true ranges, then `(atr × (period − 1) + range) / period`.
 * The first range is that of the second row, which has a close before it, and the first value stands at row `period`;
 * with `start=first` the first row counts with `high − low`, and all is a row earlier. `smoothing=sma` is the plain
 * mean of the last `period` ranges. A missing row starts it anew.
 */
export const atr = defineIndicator({
  name: 'atr',
  params: {
    period: int(14, { min: 1 }),
    smoothing: choice('wilder', ['wilder', 'sma']),
    start: choice('second', ['second', 'first']),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'J. Welles Wilder, New Concepts in Technical Trading Systems (1978)',
  warmup: ({ period, start }) => atrWarmup(period, start),
  settle: ({ period, start, smoothing }) => (smoothing === 'sma' ? period : atrSettle(period, start)),
  fold: ({ period, start, smoothing }) =>
    smoothing === 'sma' ? new MeanRangeFold(period, start === 'first') : new AtrFold(period, start === 'first'),
})

export type AtrStart = 'second' | 'first'

/** Rows before the first value of Wilder's average true range. */
export function atrWarmup(period: number, start: AtrStart): number {
  return start === 'second' ? period : period - 1
}

/** Rows until it no longer matters where it started. */
export function atrSettle(period: number, start: AtrStart): number {
  // A hundredth of 1e-9: what is left of the start is part of an average that may have become smaller since.
  return atrWarmup(period, start) + rowsToForget((period - 1) / period, 1e-11)
}

/** Wilder's average true range, into the first output. */
export class AtrFold implements Fold {
  readonly #period: number
  /** Whole rows in a row that the first value takes. */
  readonly #needed: number
  /** Those that have come, up to `#needed`. */
  #count = 0
  /** While gathering the sum of the ranges, then their average. */
  #atr = 0

  constructor(period: number, fromFirst: boolean) {
    this.#period = period
    this.#needed = fromFirst ? period : period + 1
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#needed) row = this.#run(high, low, close, result, row, to)
      if (row < to) row = this.#gather(high, low, close, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(
    high: Float64Array,
    low: Float64Array,
    close: Float64Array,
    result: Float64Array,
    from: number,
    to: number,
  ): number {
    const weight = 1 / this.#period
    const keep = (this.#period - 1) / this.#period
    let atr = this.#atr
    let previous = close[from - 1]!
    // As int32 from here on: the compiler need not ask in each round what they are, which is a tenth of the loop.
    const end = to | 0
    let row = from | 0
    for (; row < end; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      // True for NaN and infinity only.
      if (whole - whole !== 0) break
      const range = (top > previous ? top : previous) - (bottom < previous ? bottom : previous)
      atr = atr * keep + range * weight
      previous = value
      result[row] = atr
    }
    this.#atr = atr
    return row
  }

  #gather(high: Float64Array, low: Float64Array, close: Float64Array, result: Float64Array, row: number): number {
    result[row] = Number.NaN
    this.#count = isWhole(high, low, close, row) ? this.#count + 1 : 0
    if (this.#count <= 1) this.#atr = 0
    const counts = this.#count > this.#needed - this.#period
    if (!counts) return row + 1
    const first = this.#count === 1
    const top = first ? high[row]! : Math.max(high[row]!, close[row - 1]!)
    const bottom = first ? low[row]! : Math.min(low[row]!, close[row - 1]!)
    this.#atr += top - bottom
    if (this.#count < this.#needed) return row + 1
    this.#atr /= this.#period
    result[row] = this.#atr
    return row + 1
  }
}

/** The mean of the last ranges. */
class MeanRangeFold implements Fold {
  readonly #period: number
  readonly #fromFirst: boolean
  readonly #sum: RollingSum

  constructor(period: number, fromFirst: boolean) {
    this.#period = period
    this.#fromFirst = fromFirst
    this.#sum = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const period = this.#period
    const fromFirst = this.#fromFirst
    const sum = this.#sum
    let previous = closeBefore(high, low, close, from)
    for (let row = from; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      const alone = fromFirst && previous !== previous
      const range = alone ? top - bottom : Math.max(top, previous) - Math.min(bottom, previous)
      // What is added is 0, and NaN for a missing row.
      result[row] = sum.next(range + (whole - whole)) / period
      previous = value + (whole - whole)
    }
  }
}
