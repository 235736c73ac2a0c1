import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForgetCascade } from './decay.ts'
import { defineIndicator } from './define.ts'
import { EmaCascade } from './ema-cascade.ts'
import { SEEDS, seedRows, type Seed } from './exponential.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'

/**
 * True strength index of the close: `100 × change / size`, where `change` is the EMA (`short`) of the EMA (`long`) of
 * the changes and `size` the same of their sizes. Each EMA starts as the mean of its first values, so that the first
 * one stands at row long + short − 1; with `seed=first` as its first value, at row 1. While the price has never moved
 * it is 0. A missing close starts it anew.
 */
export const tsi = defineIndicator({
  name: 'tsi',
  params: { long: int(25, { min: 1 }), short: int(13, { min: 1 }), seed: choice('sma', SEEDS) },
  inputs: ['close'],
  outputs: ['value'],
  source:
    'William Blau, Momentum, Direction, and Divergence (1995); seeded by SMAs as in Skender Stock.Indicators, ' +
    'seed=first as in pandas (adjust=False)',
  warmup: ({ long, short, seed }) => seedRows(long, seed) + seedRows(short, seed) - 1,
  settle: ({ long, short, seed }) =>
    seedRows(long, seed) + seedRows(short, seed) + rowsToForgetCascade(1 - 2 / (Math.max(long, short) + 1), 1e-12, 2),
  fold: ({ long, short, seed }) => new RecursiveFold(['close'], new StrengthRecursion(long, short, seed)),
})

/**
 * Averages below this are lifted back: over a long flat stretch their quotient stays what it was, to the last digit. By
 * a power of two, which changes no digit, so that it does not matter at which row; in so few rows none falls out of reach.
 */
const SIZE_MIN = 2 ** -500
const LIFT = 2 ** 200
const LIFT_ROWS = 128

class StrengthRecursion implements Recursion {
  readonly #longWeight: number
  readonly #shortWeight: number
  readonly #changes: EmaCascade
  readonly #sizes: EmaCascade
  #count = 0

  constructor(long: number, short: number, seed: Seed) {
    this.#longWeight = 2 / (long + 1)
    this.#shortWeight = 2 / (short + 1)
    const weights = [this.#longWeight, this.#shortWeight]
    const starts = [seedRows(long, seed), seedRows(short, seed)].map(rows => ({ rows, given: rows }))
    this.#changes = new EmaCascade(weights, starts)
    this.#sizes = new EmaCascade(weights, starts)
  }

  reset(): void {
    this.#count = 0
    this.#changes.reset()
    this.#sizes.reset()
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    if (++this.#count === 1) return false
    const difference = input.close.values[row]! - input.close.values[row - 1]!
    const isStarted = this.#sizes.take(Math.abs(difference))
    this.#changes.take(difference)
    if (isStarted) out[0]!.values[row] = percent(this.#changes.averages[1]!, this.#sizes.averages[1]!)
    return isStarted
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    for (let start = from; start < to;) {
      const end = Math.min(to, start + LIFT_ROWS)
      const row = this.#smooth(input, out, start, end)
      if (row < end) return row
      this.#lift()
      start = end
    }
    return to
  }

  #lift(): void {
    const changes = this.#changes.averages
    const sizes = this.#sizes.averages
    while (sizes[1]! > 0 && sizes[1]! < SIZE_MIN) {
      for (let stage = 0; stage < 2; stage++) {
        changes[stage]! *= LIFT
        sizes[stage]! *= LIFT
      }
    }
  }

  #smooth(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const result = out[0]!.values
    const longWeight = this.#longWeight
    const longKeep = 1 - longWeight
    const shortWeight = this.#shortWeight
    const shortKeep = 1 - shortWeight
    const changes = this.#changes.averages
    const sizes = this.#sizes.averages
    let longChange = changes[0]!
    let change = changes[1]!
    let longSize = sizes[0]!
    let size = sizes[1]!
    let previous = values[from - 1]!
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      const difference = value - previous
      // True for NaN and infinity only.
      if (difference - difference !== 0) break
      previous = value
      longChange = longChange * longKeep + difference * longWeight
      change = change * shortKeep + longChange * shortWeight
      longSize = longSize * longKeep + Math.abs(difference) * longWeight
      size = size * shortKeep + longSize * shortWeight
      result[row] = percent(change, size)
    }
    changes[0] = longChange
    changes[1] = change
    sizes[0] = longSize
    sizes[1] = size
    return row
  }
}

/** Never beyond 100, which only rises give, but for the last bit. */
function percent(change: number, size: number): number {
  return size > 0 ? Math.max(-100, Math.min(100, (100 * change) / size)) : 0
}
