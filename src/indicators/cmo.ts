import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Lanes } from './fold.ts'
import { RESUM_EVERY_MS } from './resum.ts'
import { SummedFold, type Sums } from './summed-fold.ts'

/**
 * Chande momentum oscillator of the close: `100 × (rises − falls) / (rises + falls)` over the last `period` changes,
 * which is the move over the period by the way that it took. First value at row `period`. While the price has not
 * moved it is 0. A missing close gives NaN until it has left the window.
 */
export const cmo = defineIndicator({
  name: 'cmo',
  params: { period: int(14, { min: 1 }) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'Tushar Chande and Stanley Kroll, The New Technical Trader (1994), plain sums as in Tulip and TradingView',
  warmup: ({ period }) => period,
  settle: ({ period }) => period,
  fold: ({ period }) => new SummedFold(['close'], period + 1, RESUM_EVERY_MS, new WaySum(period)),
})

class WaySum implements Sums {
  readonly #period: number
  #way = 0

  constructor(period: number) {
    this.#period = period
  }

  renew(input: Lanes, out: readonly Column[], row: number): number {
    const values = input.close.values
    const first = row - this.#period
    let way = 0
    for (let later = first + 1; later <= row; later++) way += Math.abs(values[later]! - values[later - 1]!)
    this.#way = way
    out[0]!.values[row] = way > 0 ? bounded((100 * (values[row]! - values[first]!)) / way) : 0
    // Of a price that does not move the sum is taken anew in each row: what is left of it must be 0.
    return way > 0 ? way : Number.NaN
  }

  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const period = this.#period
    let way = this.#way
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const start = values[row - period]!
      const next = way + (Math.abs(value - values[row - 1]!) - Math.abs(start - values[row - period - 1]!))
      if (!(next >= min && next <= max)) break
      way = next
      result[row] = bounded((100 * (value - start)) / next)
    }
    this.#way = way
    return row
  }
}

/** A straight way is as long as the move, but for the last bit. */
function bounded(value: number): number {
  return Math.max(-100, Math.min(100, value))
}
