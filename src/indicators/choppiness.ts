import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'
import { RollingSum } from './rolling-sum.ts'
import { closeBefore } from './whole-rows.ts'

/**
 * Choppiness index: `100 × log10(path / span) / log10(period)` over the last `period` rows, where path is the sum of
 * their true ranges and span their greatest true high less their least true low (those take in the close before).
 * Near 100 the price goes to and fro, near 0 it goes straight. First value at row `period`. 100 where it has not moved
 * at all: that is no trend. A missing row gives NaN until it has left the window.
 */
export const choppiness = defineIndicator({
  name: 'choppiness',
  params: { period: int(14, { min: 2 }) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'E. W. Dreiss; true highs and lows, as in Skender Stock.Indicators',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new ChoppinessFold(period),
})

class ChoppinessFold implements Fold {
  readonly #scale: number
  readonly #path: RollingSum
  readonly #top: RollingMax
  readonly #bottom: RollingMin

  constructor(period: number) {
    this.#scale = 100 / Math.log10(period)
    this.#path = new RollingSum(period)
    this.#top = new RollingMax(period)
    this.#bottom = new RollingMin(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const result = out[0]!.values
    const scale = this.#scale
    const pathSum = this.#path
    const topMax = this.#top
    const bottomMin = this.#bottom
    let previous = closeBefore(high, low, close, from)
    for (let row = from; row < to; row++) {
      const value = close[row]!
      const whole = high[row]! + low[row]! + value
      // 0, and NaN for a missing row.
      const gap = whole - whole
      const top = Math.max(high[row]!, previous) + gap
      const bottom = Math.min(low[row]!, previous) + gap
      previous = value + gap
      const path = pathSum.next(top - bottom)
      const span = topMax.next(top) - bottomMin.next(bottom)
      result[row] = span === 0 ? 100 : Math.log10(path / span) * scale
    }
  }
}
