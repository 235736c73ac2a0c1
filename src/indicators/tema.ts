import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForgetCascade } from './decay.ts'
import { defineIndicator } from './define.ts'
import { CASCADE_SEEDS, cascadeStarts, cascadeWarmup, EmaCascade, type CascadeSeed } from './ema-cascade.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'

const DEPTH = 3

/**
 * Triple exponential moving average of the close: `3 × (e1 − e2) + e3`, where e1 is its EMA, e2 the EMA of e1, e3
 * that of e2. All start as
 * the mean of the first `period` closes, at row period − 1; with `seed=chained` each as the mean of the first values of
 * the one before it, with `seed=first` as the first close, with `seed=first-chained` as the first value of the one
 * before it that has taken `period`. A missing close starts it anew.
 */
export const tema = defineIndicator({
  name: 'tema',
  params: { period: int(20, { min: 1 }), seed: choice('sma', CASCADE_SEEDS) },
  inputs: ['close'],
  outputs: ['value'],
  source:
    'Patrick Mulloy, Stocks & Commodities (1994); started as in Skender Stock.Indicators, seed=chained as in TA-Lib, ' +
    'seed=first-chained as in Tulip, seed=first as in pandas (adjust=False)',
  warmup: ({ period, seed }) => cascadeWarmup(cascadeStarts(DEPTH, period, seed)),
  // A tenth of 1e-9 and less: the averages are multiplied before they are set off against each other.
  settle: ({ period, seed }) =>
    cascadeWarmup(cascadeStarts(DEPTH, period, seed)) + rowsToForgetCascade(1 - 2 / (period + 1), 1e-10, DEPTH),
  fold: ({ period, seed }) => new RecursiveFold(['close'], new TemaRecursion(period, seed)),
})

class TemaRecursion implements Recursion {
  readonly #weight: number
  readonly #cascade: EmaCascade

  constructor(period: number, seed: CascadeSeed) {
    this.#weight = 2 / (period + 1)
    const weights = Array.from({ length: DEPTH }, () => this.#weight)
    this.#cascade = new EmaCascade(weights, cascadeStarts(DEPTH, period, seed))
  }

  reset(): void {
    this.#cascade.reset()
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    const { averages } = this.#cascade
    if (!this.#cascade.take(input.close.values[row]!)) return false
    out[0]!.values[row] = 3 * (averages[0]! - averages[1]!) + averages[2]!
    return true
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const { averages } = this.#cascade
    const weight = this.#weight
    const keep = 1 - weight
    let e1 = averages[0]!
    let e2 = averages[1]!
    let e3 = averages[2]!
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      e1 = e1 * keep + value * weight
      e2 = e2 * keep + e1 * weight
      e3 = e3 * keep + e2 * weight
      result[row] = 3 * (e1 - e2) + e3
    }
    averages[0] = e1
    averages[1] = e2
    averages[2] = e3
    return row
  }
}
