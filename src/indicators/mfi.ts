import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingSum } from './rolling-sum.ts'

/**
 * Money flow index: `100 × up / (up + down)`, where up and down are the sums, over the last `period` rows, of typical
 * price × volume of the rows whose typical price, `(high + low + close) / 3`, was above or below that of the row
 * before. First value at row `period`. While nothing has flowed either way it is 50: a flat market is no signal.
 * A missing row gives NaN until it has left the window.
 */
export const mfi = defineIndicator({
  name: 'mfi',
  params: { period: int(14, { min: 1 }) },
  inputs: ['high', 'low', 'close', 'volume'],
  outputs: ['value'],
  source: 'Gene Quong and Avrum Soudack, Volume-Weighted RSI: Money Flow (1989)',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new MfiFold(period),
})

class MfiFold implements Fold {
  readonly #up: RollingSum
  readonly #down: RollingSum
  /** Typical price of the row before; NaN when there is none. */
  #previous = Number.NaN

  constructor(period: number) {
    this.#up = new RollingSum(period)
    this.#down = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const upSum = this.#up
    const downSum = this.#down
    let previous = this.#previous
    for (let row = from; row < to; row++) {
      const price = (high[row]! + low[row]! + close[row]!) / 3
      const flow = price * volume[row]!
      // 0, and NaN in a missing row and in the one after it, which has nothing to compare with.
      const none = flow - flow + (previous - previous)
      const up = upSum.next(price > previous ? flow + none : none)
      const down = downSum.next(price < previous ? flow + none : none)
      previous = flow - flow === 0 ? price : Number.NaN
      const all = up + down
      result[row] = all === 0 ? 50 : (100 * up) / all
    }
    this.#previous = previous
  }
}
