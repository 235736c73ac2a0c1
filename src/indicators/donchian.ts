import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'

/**
 * Donchian channel: `upper` is the greatest high of the `period` rows before this one, `lower` their least low,
 * `middle` the mean of both; first values at row `period`. So a close can be above the upper one, which is the breakout
 * that the channel is for. With `window=current` this row is the last of the window, and no close is ever outside;
 * first values at row period − 1. A missing row gives NaN from itself on until it has left the window.
 */
export const donchian = defineIndicator({
  name: 'donchian',
  params: { period: int(20, { min: 1 }), window: choice('previous', ['previous', 'current']) },
  inputs: ['high', 'low'],
  outputs: ['upper', 'middle', 'lower'],
  source: "Richard Donchian's four-week rule; the rows before this one, as in Skender Stock.Indicators",
  warmup: ({ period, window }) => (window === 'previous' ? period : period - 1),
  settle: ({ period, window }) => (window === 'previous' ? period : period - 1),
  fold: ({ period, window }) => new DonchianFold(period, window === 'current'),
})

class DonchianFold implements Fold {
  readonly #withCurrent: boolean
  readonly #top: RollingMax
  readonly #bottom: RollingMin
  /** Of the window that ended with the row before. */
  #upper = Number.NaN
  #lower = Number.NaN

  constructor(period: number, withCurrent: boolean) {
    this.#withCurrent = withCurrent
    this.#top = new RollingMax(period)
    this.#bottom = new RollingMin(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const uppers = out[0]!.values
    const middles = out[1]!.values
    const lowers = out[2]!.values
    const withCurrent = this.#withCurrent
    const top = this.#top
    const bottom = this.#bottom
    let upperBefore = this.#upper
    let lowerBefore = this.#lower
    for (let row = from; row < to; row++) {
      const whole = high[row]! + low[row]!
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const upperNow = top.next(high[row]! + gap)
      const lowerNow = bottom.next(low[row]! + gap)
      const upper = withCurrent ? upperNow : upperBefore + gap
      const lower = withCurrent ? lowerNow : lowerBefore + gap
      uppers[row] = upper
      middles[row] = (upper + lower) / 2
      lowers[row] = lower
      upperBefore = upperNow
      lowerBefore = lowerNow
    }
    this.#upper = upperBefore
    this.#lower = lowerBefore
  }
}
