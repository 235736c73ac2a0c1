import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingSum } from './rolling-sum.ts'
import { closeBefore } from './whole-rows.ts'

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
  readonly #plus: RollingSum
  readonly #minus: RollingSum
  readonly #path: RollingSum

  constructor(period: number) {
    this.#plus = new RollingSum(period)
    this.#minus = new RollingSum(period)
    this.#path = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const pluses = out[0]!.values
    const minuses = out[1]!.values
    const plusSum = this.#plus
    const minusSum = this.#minus
    const pathSum = this.#path
    let previous = closeBefore(high, low, close, from)
    let previousTop = from > 0 ? high[from - 1]! : Number.NaN
    let previousBottom = from > 0 ? low[from - 1]! : Number.NaN
    for (let row = from; row < to; row++) {
      const top = high[row]!
      const bottom = low[row]!
      const value = close[row]!
      const whole = top + bottom + value
      // 0, and NaN in a missing row and in the one after it.
      const gap = whole - whole + (previous - previous)
      const plus = plusSum.next(Math.abs(top - previousBottom) + gap)
      const minus = minusSum.next(Math.abs(bottom - previousTop) + gap)
      const path = pathSum.next(Math.max(top, previous) - Math.min(bottom, previous) + gap)
      pluses[row] = path === 0 ? 1 : plus / path
      minuses[row] = path === 0 ? 1 : minus / path
      previousTop = top
      previousBottom = bottom
      previous = value + (whole - whole)
    }
  }
}
