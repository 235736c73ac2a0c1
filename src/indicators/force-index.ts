import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import { SEEDS, seedRows } from './exponential.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Force index: the EMA of `(close − close[−1]) × volume`, started by the mean of its first `period` values, at row
 * `period`; with `seed=first` by the first one, at row 1. A missing row starts it anew.
 */
export const forceIndex = defineIndicator({
  name: 'force-index',
  params: { period: int(13, { min: 1 }), seed: choice('sma', SEEDS) },
  inputs: ['close', 'volume'],
  outputs: ['value'],
  source: 'Alexander Elder, Trading for a Living (1993); EMA seeded by an SMA, as in Skender Stock.Indicators',
  warmup: ({ period, seed }) => seedRows(period, seed),
  // What is left of the start is part of an average of both signs that may be much smaller than what it averages.
  settle: ({ period }) => period + rowsToForget(1 - 2 / (period + 1), 1e-12),
  fold: ({ period, seed }) => new ForceIndexFold(period, seedRows(period, seed)),
})

class ForceIndexFold implements Fold {
  readonly #period: number
  /** Changes that the first value takes. */
  readonly #seedCount: number
  /** Whole rows in a row, up to `#seedCount + 1`. */
  #count = 0
  /** While gathering the sum of the forces, then their average. */
  #force = 0

  constructor(period: number, seedCount: number) {
    this.#period = period
    this.#seedCount = seedCount
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const close = input.close.values
    const volume = input.volume.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count > this.#seedCount) row = this.#run(close, volume, result, row, to)
      if (row < to) row = this.#gather(close, volume, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or a missing one. */
  #run(close: Float64Array, volume: Float64Array, result: Float64Array, from: number, to: number): number {
    const weight = 2 / (this.#period + 1)
    const keep = 1 - weight
    let force = this.#force
    let previous = close[from - 1]!
    let row = from
    for (; row < to; row++) {
      const value = close[row]!
      const now = (value - previous) * volume[row]!
      // True for NaN and infinity only.
      if (now - now !== 0) break
      force = force * keep + now * weight
      previous = value
      result[row] = force
    }
    this.#force = force
    return row
  }

  #gather(close: Float64Array, volume: Float64Array, result: Float64Array, row: number): number {
    result[row] = Number.NaN
    this.#count = Number.isFinite(close[row]! + volume[row]!) ? this.#count + 1 : 0
    if (this.#count <= 1) {
      this.#force = 0
      return row + 1
    }
    this.#force += (close[row]! - close[row - 1]!) * volume[row]!
    if (this.#count <= this.#seedCount) return row + 1
    this.#force /= this.#seedCount
    result[row] = this.#force
    return row + 1
  }
}
