import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { maxBack, minBack, WindowBlocks } from './window-blocks.ts'

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
  readonly #tops: WindowBlocks
  readonly #bottoms: WindowBlocks
  #slot = 0
  #top = -Infinity
  #bottom = Infinity
  /** Of the window that ended with the row before. */
  #upper = Number.NaN
  #lower = Number.NaN

  constructor(period: number, withCurrent: boolean) {
    this.#withCurrent = withCurrent
    this.#tops = new WindowBlocks(period, -Infinity)
    this.#bottoms = new WindowBlocks(period, Infinity)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const { size } = this.#tops
    const tops = this.#tops.reserve(this.#slot, to - from)
    const bottoms = this.#bottoms.reserve(this.#slot, to - from)
    let row = from
    while (row < to) {
      row = this.#run(input, out, tops, bottoms, row, Math.min(to, row + size - this.#slot))
      if (this.#slot < size) continue
      this.#top = maxBack(tops, size)
      this.#bottom = minBack(bottoms, size)
      this.#slot = 0
    }
  }

  /** The hot loop, over rows of one block. Returns the row after them. */
  #run(
    input: Lanes,
    out: readonly Column[],
    tops: Float64Array,
    bottoms: Float64Array,
    from: number,
    to: number,
  ): number {
    const high = input.high.values
    const low = input.low.values
    const uppers = out[0]!.values
    const middles = out[1]!.values
    const lowers = out[2]!.values
    const withCurrent = this.#withCurrent
    let slot = this.#slot
    let top = this.#top
    let bottom = this.#bottom
    let upperBefore = this.#upper
    let lowerBefore = this.#lower
    for (let row = from; row < to; row++) {
      const whole = high[row]! + low[row]!
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const highest = high[row]! + gap
      const lowest = low[row]! + gap
      top = Math.max(top, highest)
      bottom = Math.min(bottom, lowest)
      tops[slot] = highest
      bottoms[slot++] = lowest
      const upperNow = Math.max(top, tops[slot]!)
      const lowerNow = Math.min(bottom, bottoms[slot]!)
      const upper = withCurrent ? upperNow : upperBefore + gap
      const lower = withCurrent ? lowerNow : lowerBefore + gap
      uppers[row] = upper
      middles[row] = (upper + lower) / 2
      lowers[row] = lower
      upperBefore = upperNow
      lowerBefore = lowerNow
    }
    this.#slot = slot
    this.#top = top
    this.#bottom = bottom
    this.#upper = upperBefore
    this.#lower = lowerBefore
    return to
  }
}
