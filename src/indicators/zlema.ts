import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { SEEDS, type Seed } from './exponential.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'

/**
 * Zero-lag exponential moving average of the close: the EMA of `2 × close − close lag rows before`, where lag is
 * `(period − 1) / 2` rounded down. It starts as the mean of the first `period` of these, at row lag + period − 1; with
 * `seed=first` as the close of row lag − 1. A missing close starts it anew.
 */
export const zlema = defineIndicator({
  name: 'zlema',
  params: { period: int(20, { min: 1 }), seed: choice('sma', SEEDS) },
  inputs: ['close'],
  outputs: ['value'],
  source: 'John Ehlers and Ric Way, Zero Lag (2010); seed=first as in Tulip',
  warmup: ({ period, seed }) => startRows(period, seed) - 1,
  settle: ({ period, seed }) => startRows(period, seed) + lagOf(period) + rowsToForget(1 - 2 / (period + 1), 1e-10),
  fold: ({ period, seed }) => new RecursiveFold(['close'], new ZeroLagRecursion(period, seed)),
})

function lagOf(period: number): number {
  return Math.floor((period - 1) / 2)
}

/** Rows that it takes to start. */
function startRows(period: number, seed: Seed): number {
  return seed === 'first' ? Math.max(1, lagOf(period)) : lagOf(period) + period
}

class ZeroLagRecursion implements Recursion {
  readonly #period: number
  readonly #seed: Seed
  readonly #lag: number
  #count = 0
  #average = 0

  constructor(period: number, seed: Seed) {
    this.#period = period
    this.#seed = seed
    this.#lag = lagOf(period)
  }

  reset(): void {
    this.#count = 0
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    const values = input.close.values
    const rows = startRows(this.#period, this.#seed)
    if (++this.#count < rows) return false
    // What comes before the first row that has a close `lag` rows before it is started by the close itself.
    if (this.#count === rows) this.#average = this.#seed === 'first' ? values[row]! : this.#mean(values, row)
    out[0]!.values[row] = this.#average
    return true
  }

  #mean(values: Float64Array, lastRow: number): number {
    let sum = 0
    for (let row = lastRow - this.#period + 1; row <= lastRow; row++) sum += 2 * values[row]! - values[row - this.#lag]!
    return sum / this.#period
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const lag = this.#lag
    const weight = 2 / (this.#period + 1)
    const keep = 1 - weight
    let average = this.#average
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      average = average * keep + (2 * value - values[row - lag]!) * weight
      result[row] = average
    }
    this.#average = average
    return row
  }
}
