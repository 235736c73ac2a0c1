import { choice } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { lostBy } from './exact-sum.ts'
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
  #sum = 0
  #lost = 0
  /** NaN when there is none. */
  #previous = Number.NaN

  constructor(startsWithVolume: boolean) {
    this.#startsWithVolume = startsWithVolume
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#previous === this.#previous) row = this.#run(close, volume, result, row, to)
      if (row < to) row = this.#begin(close, volume, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(close: Float64Array, volume: Float64Array, result: Float64Array, from: number, to: number): number {
    let sum = this.#sum
    let lost = this.#lost
    let previous = this.#previous
    let row = from
    for (; row < to; row++) {
      const value = close[row]!
      const traded = volume[row]!
      const whole = value + traded
      // True for NaN and infinity only.
      if (whole - whole !== 0) break
      const flow = value > previous ? traded : value < previous ? -traded : 0
      const moved = sum + flow
      lost += lostBy(sum, flow, moved)
      sum = moved
      previous = value
      result[row] = sum + lost
    }
    this.#sum = sum
    this.#lost = lost
    this.#previous = previous
    return row
  }

  /** The first row, or a missing one. */
  #begin(close: Float64Array, volume: Float64Array, result: Float64Array, row: number): number {
    const isWhole = Number.isFinite(close[row]! + volume[row]!)
    this.#sum = isWhole && this.#startsWithVolume ? volume[row]! : 0
    this.#lost = 0
    this.#previous = isWhole ? close[row]! : Number.NaN
    result[row] = isWhole ? this.#sum : Number.NaN
    return row + 1
  }
}
