import type { Column } from '../frame/column.ts'
import type { Fold, Lanes } from './fold.ts'
import { windowSum } from './window-sum.ts'

/** How a smoothed average starts: as the mean of its first values, or as the first one itself. */
export const SEEDS = ['sma', 'first'] as const
export type Seed = (typeof SEEDS)[number]

/** Rows that it takes to start. */
export function seedRows(period: number, seed: Seed): number {
  return seed === 'first' ? 1 : period
}

/** `average × (1 − weight) + close × weight`, started by the mean of the first rows. A missing close starts it anew. */
export class ExponentialFold implements Fold {
  readonly #weight: number
  readonly #start: number
  /** Finite closes in a row, up to `#start`. */
  #count = 0
  #average = 0

  /** @param start so many closes, whose mean is the first value. */
  constructor(weight: number, start: number) {
    this.#weight = weight
    this.#start = start
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const result = out[0]!.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#start) row = this.#run(values, result, row, to)
      if (row < to) row = this.#gather(values, result, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one without a close. */
  #run(values: Float64Array, result: Float64Array, from: number, to: number): number {
    const weight = this.#weight
    const keep = 1 - weight
    let average = this.#average
    // As int32 from here on: the compiler need not ask in each round what they are, which is a tenth of the loop.
    const end = to | 0
    let row = from | 0
    for (; row < end; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      average = average * keep + value * weight
      result[row] = average
    }
    this.#average = average
    return row
  }

  #gather(values: Float64Array, result: Float64Array, row: number): number {
    this.#count = Number.isFinite(values[row]!) ? this.#count + 1 : 0
    const full = this.#count === this.#start
    if (full) this.#average = windowSum(values, row, this.#start) / this.#start
    result[row] = full ? this.#average : Number.NaN
    return row + 1
  }
}
