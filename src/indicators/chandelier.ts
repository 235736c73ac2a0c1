import { choice, int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { AtrFold, atrSettle, atrWarmup } from './atr.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingMin } from './rolling-min.ts'

/**
 * Chandelier exit: `long` is the greatest high of the last `period` rows less `multiplier` average true ranges of the
 * same period, `short` their least low and as many more. `start` is that of the average true range. A missing row starts
 * it anew.
 */
export const chandelier = defineIndicator({
  name: 'chandelier',
  params: {
    period: int(22, { min: 1 }),
    multiplier: number(3, { min: 1e-6 }),
    start: choice('second', ['second', 'first']),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['long', 'short'],
  source: 'Chuck LeBeau, in Alexander Elder, Come Into My Trading Room (2002)',
  warmup: ({ period, start }) => atrWarmup(period, start),
  settle: ({ period, start }) => atrSettle(period, start),
  fold: ({ period, multiplier, start }) => new ChandelierFold(period, multiplier, start === 'first'),
})

class ChandelierFold implements Fold {
  readonly #multiplier: number
  readonly #atr: AtrFold
  readonly #top: RollingMax
  readonly #bottom: RollingMin

  constructor(period: number, multiplier: number, fromFirst: boolean) {
    this.#multiplier = multiplier
    this.#atr = new AtrFold(period, fromFirst)
    this.#top = new RollingMax(period)
    this.#bottom = new RollingMin(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    // The ranges are written where the first output comes, and read from there.
    this.#atr.advance(input, out, from, to)
    const high = input.high.values
    const low = input.low.values
    const longs = out[0]!.values
    const shorts = out[1]!.values
    const multiplier = this.#multiplier
    const top = this.#top
    const bottom = this.#bottom
    for (let row = from; row < to; row++) {
      const distance = multiplier * longs[row]!
      longs[row] = top.next(high[row]!) - distance
      shorts[row] = bottom.next(low[row]!) + distance
    }
  }
}
