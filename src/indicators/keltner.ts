import { choice, int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { AtrFold, atrSettle, atrWarmup } from './atr.ts'
import { defineIndicator } from './define.ts'
import { ema } from './ema.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Keltner channel: `middle` is the EMA of the close, `upper` and `lower` are `multiplier` average true ranges of
 * `atrPeriod` rows away from it. `start` is that of the average true range. A missing row starts it anew.
 */
export const keltner = defineIndicator({
  name: 'keltner',
  params: {
    period: int(20, { min: 1 }),
    atrPeriod: int(10, { min: 1 }),
    multiplier: number(2, { min: 1e-6 }),
    start: choice('second', ['second', 'first']),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['upper', 'middle', 'lower'],
  source: 'Linda Bradford Raschke, as in Skender Stock.Indicators and TradingView; after Chester Keltner (1960)',
  warmup: ({ period, atrPeriod, start }) => Math.max(period - 1, atrWarmup(atrPeriod, start)),
  settle: ({ period, atrPeriod, start }) =>
    Math.max(ema.definition.settle({ period, seed: 'sma' }), atrSettle(atrPeriod, start)),
  fold: ({ period, atrPeriod, multiplier, start }) =>
    new KeltnerFold(
      ema.definition.fold({ period, seed: 'sma' }),
      new AtrFold(atrPeriod, start === 'first'),
      multiplier,
    ),
})

class KeltnerFold implements Fold {
  readonly #ema: Fold
  readonly #atr: AtrFold
  readonly #multiplier: number
  readonly #middleOnly: [Column] | [] = []

  constructor(average: Fold, range: AtrFold, multiplier: number) {
    this.#ema = average
    this.#atr = range
    this.#multiplier = multiplier
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    // Average and range are written where two of the outputs come, and read from there.
    this.#middleOnly[0] = out[1]!
    this.#ema.advance(input, this.#middleOnly, from, to)
    this.#atr.advance(input, out, from, to)
    const uppers = out[0]!.values
    const middles = out[1]!.values
    const lowers = out[2]!.values
    const multiplier = this.#multiplier
    for (let row = from; row < to; row++) {
      const distance = multiplier * uppers[row]!
      const middle = middles[row]!
      uppers[row] = middle + distance
      lowers[row] = middle - distance
    }
  }
}
