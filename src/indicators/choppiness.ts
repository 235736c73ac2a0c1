import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { closeBefore } from './whole-rows.ts'
import { maxBack, minBack, sumBack, WindowBlocks } from './window-blocks.ts'

/**
 * Choppiness index: `100 × log10(path / span) / log10(period)` over the last `period` rows, where path is the sum of
 * their true ranges and span their greatest true high less their least true low (those take in the close before;
 * with `extremes=plain` they are the plain highs and lows).
 * Near 100 the price goes to and fro, near 0 it goes straight. First value at row `period`. 100 where it has not moved
 * at all: that is no trend. A missing row gives NaN until it has left the window.
 */
export const choppiness = defineIndicator({
  name: 'choppiness',
  params: { period: int(14, { min: 2 }), extremes: choice('true', ['true', 'plain']) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'E. W. Dreiss; true highs and lows, as in Skender Stock.Indicators',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period, extremes }) => new ChoppinessFold(period, extremes === 'plain'),
})

class ChoppinessFold implements Fold {
  readonly #isPlain: boolean
  readonly #ranges: WindowBlocks
  readonly #tops: WindowBlocks
  readonly #bottoms: WindowBlocks
  #slot = 0
  #range = 0
  #top = -Infinity
  #bottom = Infinity

  constructor(period: number, isPlain: boolean) {
    this.#isPlain = isPlain
    this.#ranges = new WindowBlocks(period, 0)
    this.#tops = new WindowBlocks(period, -Infinity)
    this.#bottoms = new WindowBlocks(period, Infinity)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const { size } = this.#ranges
    const isPlain = this.#isPlain
    const scale = 100 / Math.log10(size)
    const ranges = this.#ranges.reserve(this.#slot, to - from)
    const tops = this.#tops.reserve(this.#slot, to - from)
    const bottoms = this.#bottoms.reserve(this.#slot, to - from)
    let slot = this.#slot
    let rangeSum = this.#range
    let topMax = this.#top
    let bottomMin = this.#bottom
    let previous = closeBefore(high, low, close, from)
    let row = from
    while (row < to) {
      const end = Math.min(to, row + size - slot)
      for (; row < end; row++) {
        const value = close[row]!
        const whole = high[row]! + low[row]! + value
        // 0, and NaN in a missing row and in the one after it.
        const gap = whole - whole + (previous - previous)
        const trueTop = Math.max(high[row]!, previous) + gap
        const trueBottom = Math.min(low[row]!, previous) + gap
        const range = trueTop - trueBottom
        const top = isPlain ? high[row]! + gap : trueTop
        const bottom = isPlain ? low[row]! + gap : trueBottom
        previous = value + (whole - whole)
        rangeSum += range
        topMax = Math.max(topMax, top)
        bottomMin = Math.min(bottomMin, bottom)
        ranges[slot] = range
        tops[slot] = top
        bottoms[slot] = bottom
        slot++
        const span = Math.max(topMax, tops[slot]!) - Math.min(bottomMin, bottoms[slot]!)
        result[row] = span === 0 ? 100 : Math.log10((rangeSum + ranges[slot]!) / span) * scale
      }
      if (slot === size) {
        rangeSum = sumBack(ranges, size)
        topMax = maxBack(tops, size)
        bottomMin = minBack(bottoms, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#range = rangeSum
    this.#top = topMax
    this.#bottom = bottomMin
  }
}
