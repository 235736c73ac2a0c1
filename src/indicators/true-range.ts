import { choice } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { closeBefore } from './whole-rows.ts'

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

  constructor(fromFirst: boolean) {
    this.#fromFirst = fromFirst
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const fromFirst = this.#fromFirst
    let previous = closeBefore(high, low, close, from)
    for (let row = from; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      // True for NaN and infinity only.
      if (whole - whole !== 0) {
        previous = Number.NaN
        result[row] = Number.NaN
        continue
      }
      if (fromFirst && previous !== previous) result[row] = top - bottom
      else result[row] = Math.max(top, previous) - Math.min(bottom, previous)
      previous = value
    }
  }
}
