import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { FLAT_POSITIONS, flatPosition, RangePosition } from './range-position.ts'
import { RollingMean } from './rolling-mean.ts'
import { RsiFold, rsiSettle } from './rsi.ts'

/**
 * Stochastic RSI of the close: where the RSI (`rsiPeriod`) stands between the lowest and the highest of its last
 * `period` values, 0 to 100; `k` is the mean of the last `kSmoothing` of these, `d` the mean of the last `dPeriod` of
 * k. First k at row rsiPeriod + period + kSmoothing − 2, first d dPeriod − 1 rows later. Where the RSI has not moved
 * the position is `flat`. A missing close starts the RSI anew.
 */
export const stochRsi = defineIndicator({
  name: 'stoch-rsi',
  params: {
    rsiPeriod: int(14, { min: 1 }),
    period: int(14, { min: 1 }),
    kSmoothing: int(1, { min: 1 }),
    dPeriod: int(3, { min: 1 }),
    flat: choice('0', FLAT_POSITIONS),
  },
  inputs: ['close'],
  outputs: ['k', 'd'],
  source:
    'Tushar Chande and Stanley Kroll, The New Technical Trader (1994); Wilder’s RSI, 0 where it has not moved, as in ' +
    'TA-Lib; in percent, as in TradingView and Skender Stock.Indicators',
  warmup: ({ rsiPeriod, period, kSmoothing, dPeriod }) => rsiPeriod + period + kSmoothing + dPeriod - 3,
  settle: ({ rsiPeriod, period, kSmoothing, dPeriod }) =>
    rsiSettle(rsiPeriod, RANGE_SHARE) + period + kSmoothing + dPeriod - 3,
  fold: ({ rsiPeriod, period, kSmoothing, dPeriod, flat }) =>
    new StochRsiFold(
      new RsiFold(rsiPeriod, '50'),
      new RangePosition(period, flatPosition(flat), RSI_RANGE_MIN),
      new RollingMean(kSmoothing),
      new RollingMean(dPeriod),
    ),
})

/** The range of an RSI over a few rows may be a thousandth of its scale: what is left of the start weighs more in it. */
const RANGE_SHARE = 1e-3

/** While the price stands still the RSI does too, but for its last digits. */
const RSI_RANGE_MIN = 1e-9

class StochRsiFold implements Fold {
  readonly #rsi: RsiFold
  readonly #position: RangePosition
  readonly #k: RollingMean
  readonly #d: RollingMean

  constructor(rsi: RsiFold, position: RangePosition, k: RollingMean, d: RollingMean) {
    this.#rsi = rsi
    this.#position = position
    this.#k = k
    this.#d = d
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const ks = out[0]!.values
    const ds = out[1]!.values
    // The RSI lies where d is to come: no step needs more of it than the rows at hand.
    this.#rsi.run(input.close.values, ds, from, to)
    this.#position.run(ds, ds, ds, ks, from, to)
    this.#k.run(ks, ks, from, to)
    this.#d.run(ks, ds, from, to)
  }
}
