import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { FLAT_POSITIONS, flatPosition, RangePosition, type FlatPosition } from './range-position.ts'
import { RollingMean } from './rolling-mean.ts'

/**
 * Stochastic oscillator: where the close stands between the lowest low and the highest high of the last `kPeriod`
 * rows, 0 to 100; `k` is the mean of the last `kSmoothing` of these, `d` the mean of the last `dPeriod` of k. First k
 * at row kPeriod + kSmoothing − 2, first d dPeriod − 1 rows later. `kSmoothing=1` is the fast stochastic. Where all
 * prices are one there is no range, and the position is `flat`. A missing row gives NaN until it has left the windows.
 */
export const stochastic = defineIndicator({
  name: 'stochastic',
  params: {
    kPeriod: int(14, { min: 1 }),
    kSmoothing: int(3, { min: 1 }),
    dPeriod: int(3, { min: 1 }),
    flat: choice('0', FLAT_POSITIONS),
  },
  inputs: ['high', 'low', 'close'],
  outputs: ['k', 'd'],
  source:
    'George Lane; means of the position, 0 on flat prices, as in Skender Stock.Indicators, TA-Lib and Tulip; ' +
    'flat=empty as in TradingView',
  warmup: ({ kPeriod, kSmoothing, dPeriod }) => kPeriod + kSmoothing + dPeriod - 3,
  settle: ({ kPeriod, kSmoothing, dPeriod }) => kPeriod + kSmoothing + dPeriod - 3,
  fold: ({ kPeriod, kSmoothing, dPeriod, flat }) => new StochasticFold(kPeriod, kSmoothing, dPeriod, flat),
})

class StochasticFold implements Fold {
  readonly #position: RangePosition
  readonly #k: RollingMean
  readonly #d: RollingMean

  constructor(kPeriod: number, kSmoothing: number, dPeriod: number, flat: FlatPosition) {
    this.#position = new RangePosition(kPeriod, flatPosition(flat), 0)
    this.#k = new RollingMean(kSmoothing)
    this.#d = new RollingMean(dPeriod)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const ks = out[0]!.values
    this.#position.run(input.high.values, input.low.values, input.close.values, ks, from, to)
    this.#k.run(ks, ks, from, to)
    this.#d.run(ks, out[1]!.values, from, to)
  }
}
