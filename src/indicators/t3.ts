import { choice, int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForgetCascade } from './decay.ts'
import { defineIndicator } from './define.ts'
import { CASCADE_SEEDS, cascadeStarts, cascadeWarmup, EmaCascade, type CascadeSeed } from './ema-cascade.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'

const DEPTH = 6

/**
 * T3 of the close: six EMAs one of another, of which the last four count: with the volume factor v,
 * `(1 + v)³ × e3 − 3v(1 + v)² × e4 + 3v²(1 + v) × e5 − v³ × e6`. All start as
 * the mean of the first `period` closes, at row period − 1; with `seed=chained` each as the mean of the first values of
 * the one before it, with `seed=first` as the first close, with `seed=first-chained` as the first value of the one
 * before it that has taken `period`. A missing close starts it anew.
 */
export const t3 = defineIndicator({
  name: 't3',
  params: {
    period: int(5, { min: 1 }),
    volumeFactor: number(0.7, { min: 0, max: 2 }),
    seed: choice('sma', CASCADE_SEEDS),
  },
  inputs: ['close'],
  outputs: ['value'],
  source: 'Tim Tillson, Stocks & Commodities (1998); seed=chained as in TA-Lib',
  warmup: ({ period, seed }) => cascadeWarmup(cascadeStarts(DEPTH, period, seed)),
  // A tenth of 1e-9 and less: the averages are multiplied before they are set off against each other.
  settle: ({ period, seed }) =>
    cascadeWarmup(cascadeStarts(DEPTH, period, seed)) + rowsToForgetCascade(1 - 2 / (period + 1), 1e-12, DEPTH),
  fold: ({ period, volumeFactor, seed }) => new RecursiveFold(['close'], new T3Recursion(period, volumeFactor, seed)),
})

class T3Recursion implements Recursion {
  readonly #weight: number
  readonly #factor: number
  readonly #cascade: EmaCascade

  constructor(period: number, factor: number, seed: CascadeSeed) {
    this.#weight = 2 / (period + 1)
    this.#factor = factor
    const weights = Array.from({ length: DEPTH }, () => this.#weight)
    this.#cascade = new EmaCascade(weights, cascadeStarts(DEPTH, period, seed))
  }

  reset(): void {
    this.#cascade.reset()
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    const { averages } = this.#cascade
    if (!this.#cascade.take(input.close.values[row]!)) return false
    const [c3, c4, c5, c6] = factors(this.#factor)
    out[0]!.values[row] = c3 * averages[2]! + c4 * averages[3]! + c5 * averages[4]! + c6 * averages[5]!
    return true
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const { averages } = this.#cascade
    const weight = this.#weight
    const keep = 1 - weight
    const [c3, c4, c5, c6] = factors(this.#factor)
    let e1 = averages[0]!
    let e2 = averages[1]!
    let e3 = averages[2]!
    let e4 = averages[3]!
    let e5 = averages[4]!
    let e6 = averages[5]!
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      e1 = e1 * keep + value * weight
      e2 = e2 * keep + e1 * weight
      e3 = e3 * keep + e2 * weight
      e4 = e4 * keep + e3 * weight
      e5 = e5 * keep + e4 * weight
      e6 = e6 * keep + e5 * weight
      result[row] = c3 * e3 + c4 * e4 + c5 * e5 + c6 * e6
    }
    averages[0] = e1
    averages[1] = e2
    averages[2] = e3
    averages[3] = e4
    averages[4] = e5
    averages[5] = e6
    return row
  }
}

/** What the third to the sixth average count for, with the volume factor v. */
function factors(v: number): readonly [number, number, number, number] {
  return [(1 + v) ** 3, -3 * v * (1 + v) ** 2, 3 * v ** 2 * (1 + v), -(v ** 3)]
}
