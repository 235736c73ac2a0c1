import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { isWhole } from './whole-rows.ts'
import { sumBack, WindowBlocks } from './window-blocks.ts'

/**
 * Vortex: `plus` is the sum of `|high − low[−1]|` over the last `period` rows, `minus` that of `|low − high[−1]|`, each
 * over the sum of their true ranges. First values at row `period`. Both are 1 where the price has not moved at all.
 * A missing row gives NaN until it has left the window.
 */
export const vortex = defineIndicator({
  name: 'vortex',
  params: { period: int(14, { min: 1 }) },
  inputs: ['high', 'low', 'close'],
  outputs: ['plus', 'minus'],
  source: 'Etienne Botes and Douglas Siepman, The Vortex Indicator (2010)',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new VortexFold(period),
})

class VortexFold implements Fold {
  readonly #rises: WindowBlocks
  readonly #falls: WindowBlocks
  readonly #ranges: WindowBlocks
  #slot = 0
  #rise = 0
  #fall = 0
  #range = 0

  constructor(period: number) {
    this.#rises = new WindowBlocks(period, 0)
    this.#falls = new WindowBlocks(period, 0)
    this.#ranges = new WindowBlocks(period, 0)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const pluses = out[0]!.values
    const minuses = out[1]!.values
    const { size } = this.#rises
    const rises = this.#rises.reserve(this.#slot, to - from)
    const falls = this.#falls.reserve(this.#slot, to - from)
    const ranges = this.#ranges.reserve(this.#slot, to - from)
    let slot = this.#slot
    let riseSum = this.#rise
    let fallSum = this.#fall
    let rangeSum = this.#range
    const known = from > 0 && isWhole(high, low, close, from - 1)
    let previousTop = known ? high[from - 1]! : Number.NaN
    let previousBottom = known ? low[from - 1]! : Number.NaN
    let previous = known ? close[from - 1]! : Number.NaN
    let row = from
    while (row < to) {
      const end = Math.min(to, row + size - slot)
      for (; row < end; row++) {
        const top = high[row]!
        const bottom = low[row]!
        const value = close[row]!
        const whole = top + bottom + value
        // 0, and NaN for a missing row or one behind it.
        const gap = whole - whole + (previous - previous)
        const rise = Math.abs(top - previousBottom) + gap
        const fall = Math.abs(bottom - previousTop) + gap
        const range = Math.max(top, previous) - Math.min(bottom, previous) + gap
        const missing = whole - whole !== 0
        previousTop = top
        previousBottom = bottom
        previous = missing ? Number.NaN : value
        riseSum += rise
        fallSum += fall
        rangeSum += range
        rises[slot] = rise
        falls[slot] = fall
        ranges[slot] = range
        slot++
        const path = rangeSum + ranges[slot]!
        pluses[row] = path === 0 ? 1 : (riseSum + rises[slot]!) / path
        minuses[row] = path === 0 ? 1 : (fallSum + falls[slot]!) / path
      }
      if (slot === size) {
        riseSum = sumBack(rises, size)
        fallSum = sumBack(falls, size)
        rangeSum = sumBack(ranges, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#rise = riseSum
    this.#fall = fallSum
    this.#range = rangeSum
  }
}
