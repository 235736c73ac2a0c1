import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { sumBack, WindowBlocks } from './window-blocks.ts'

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
  readonly #ups: WindowBlocks
  readonly #downs: WindowBlocks
  #slot = 0
  #up = 0
  #down = 0
  /** Typical price of the row before; NaN when there is none. */
  #previous = Number.NaN

  constructor(period: number) {
    this.#ups = new WindowBlocks(period, 0)
    this.#downs = new WindowBlocks(period, 0)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const high = input.high.values
    const low = input.low.values
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    const { size } = this.#ups
    const ups = this.#ups.reserve(this.#slot, to - from)
    const downs = this.#downs.reserve(this.#slot, to - from)
    let slot = this.#slot
    let upSum = this.#up
    let downSum = this.#down
    let previous = this.#previous
    let row = from
    while (row < to) {
      const end = Math.min(to, row + size - slot)
      for (; row < end; row++) {
        const price = (high[row]! + low[row]! + close[row]!) / 3
        const flow = price * volume[row]!
        // Of a missing row both are NaN, and so they are in the row after it, which has nothing to compare with.
        const known = flow - flow + (previous - previous)
        const up = price > previous ? flow + known : known
        const down = price < previous ? flow + known : known
        previous = flow - flow === 0 ? price : Number.NaN
        upSum += up
        downSum += down
        ups[slot] = up
        downs[slot] = down
        slot++
        const rise = upSum + ups[slot]!
        const all = rise + (downSum + downs[slot]!)
        result[row] = all === 0 ? 50 : (100 * rise) / all
      }
      if (slot === size) {
        upSum = sumBack(ups, size)
        downSum = sumBack(downs, size)
        slot = 0
      }
    }
    this.#slot = slot
    this.#up = upSum
    this.#down = downSum
    this.#previous = previous
  }
}
