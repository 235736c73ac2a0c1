import { choice } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { isWhole } from './whole-rows.ts'

/**
 * True range: how far the price went since the close before, `max(high, close[−1]) − min(low, close[−1])`. The first
 * row has no close before it and no value; with `start=first` its value is `high − low`. So it is after a missing row.
 */
export const trueRange = defineIndicator({
  name: 'true-range',
  params: { start: choice('second', ['second', 'first']) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'J. Welles Wilder, New Concepts in Technical Trading Systems (1978)',
  warmup: ({ start }) => (start === 'second' ? 1 : 0),
  settle: () => 1,
  fold: ({ start }) => new TrueRangeFold(start === 'first'),
})

class TrueRangeFold implements Fold {
  readonly #fromFirst: boolean
  /** Close of the row before; NaN when there is none. */
  #previous = Number.NaN

  constructor(fromFirst: boolean) {
    this.#fromFirst = fromFirst
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#previous === this.#previous) row = this.#run(high, low, close, result, row, to)
      if (row < to) row = this.#begin(high, low, close, result, row)
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
    let previous = this.#previous
    let row = from
    for (; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      // True for NaN and infinity only.
      if (whole - whole !== 0) break
      result[row] = (top > previous ? top : previous) - (bottom < previous ? bottom : previous)
      previous = value
    }
    this.#previous = previous
    return row
  }

  /** The first row, or a missing one. */
  #begin(high: Float64Array, low: Float64Array, close: Float64Array, result: Float64Array, row: number): number {
    const whole = isWhole(high, low, close, row)
    this.#previous = whole ? close[row]! : Number.NaN
    result[row] = whole && this.#fromFirst ? high[row]! - low[row]! : Number.NaN
    return row + 1
  }
}
