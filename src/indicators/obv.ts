import { choice } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { ExactSum } from './exact-sum.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * On-balance volume: the volume of the rows that closed higher than the one before, less that of those that closed
 * lower. 0 at the first row, with `start=volume` the volume of that row; only its course means something, its level
 * depends on where the data begins for ever. A missing row starts it anew.
 */
export const obv = defineIndicator({
  name: 'obv',
  params: { start: choice('zero', ['zero', 'volume']) },
  inputs: ['close', 'volume'],
  outputs: ['value'],
  source: "Joseph Granville, New Key to Stock Market Profits (1963); 0 at the first row, as in Skender's and Tulip",
  warmup: () => 0,
  settle: () => Infinity,
  fold: ({ start }) => new ObvFold(start === 'volume'),
})

class ObvFold implements Fold {
  readonly #startsWithVolume: boolean
  readonly #sum = new ExactSum()
  /** NaN when there is none. */
  #previous = Number.NaN

  constructor(startsWithVolume: boolean) {
    this.#startsWithVolume = startsWithVolume
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const sum = this.#sum
    const first = this.#startsWithVolume ? 1 : 0
    let previous = this.#previous
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const traded = volume[row]!
      const whole = value + traded
      // True for NaN and infinity only.
      if (whole - whole !== 0) {
        sum.reset()
        previous = Number.NaN
        result[row] = Number.NaN
        continue
      }
      const sign = value > previous ? 1 : value < previous ? -1 : value === previous ? 0 : first
      result[row] = sum.add(sign * traded)
      previous = value
    }
    this.#previous = previous
  }
}
