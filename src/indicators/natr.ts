import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { AtrFold, atrSettle, atrWarmup } from './atr.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Normalized average true range: `100 × atr / close`, in percent of the price. `start` is that of the average true
 * range. A missing row starts it anew.
 */
export const natr = defineIndicator({
  name: 'natr',
  params: { period: int(14, { min: 1 }), start: choice('second', ['second', 'first']) },
  inputs: ['high', 'low', 'close'],
  outputs: ['value'],
  source: 'John Forman, Cross-Market Evaluations with Normalized Average True Range (2006)',
  warmup: ({ period, start }) => atrWarmup(period, start),
  settle: ({ period, start }) => atrSettle(period, start),
  fold: ({ period, start }) => new NatrFold(period, start === 'first'),
})

class NatrFold implements Fold {
  readonly #atr: AtrFold

  constructor(period: number, fromFirst: boolean) {
    this.#atr = new AtrFold(period, fromFirst)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    this.#atr.advance(input, out, from, to)
    const close = input.close.values
    const result = out[0]!.values
    for (let row = from; row < to; row++) {
      const value = (100 * result[row]!) / close[row]!
      // A price of 0 has no percent.
      result[row] = value - value === 0 ? value : Number.NaN
    }
  }
}
