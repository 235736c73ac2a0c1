import { badInput } from '../domain/errors.ts'
import { rowsToForget } from './decay.ts'
import { windowSum } from './window-sum.ts'

/**
 * How a fast and a slow EMA start. `sma`: each as the mean of its first values. `aligned`: both at the row at which the
 * slow one does, the fast one as the mean of its values up to there. `first`: both as the first value.
 */
export const PAIR_SEEDS = ['sma', 'aligned', 'first'] as const
export type PairSeed = (typeof PAIR_SEEDS)[number]

/** Values of the difference that the signal line starts from. */
export function signalStart(signal: number, seed: PairSeed): number {
  return seed === 'first' ? 1 : signal
}

/** Rows before the first value of the signal line. */
export function pairWarmup(slow: number, signal: number, seed: PairSeed): number {
  return slow + signalStart(signal, seed) - 2
}

export function pairSettle(slow: number, signal: number, seed: PairSeed): number {
  const keepOf = (period: number): number => 1 - 2 / (period + 1)
  // The difference of two averages is a small part of either: what is left of their start weighs more in it.
  return pairWarmup(slow, signal, seed) + rowsToForget(keepOf(slow), 1e-11) + rowsToForget(keepOf(signal), 1e-9)
}

/** @throws bad input when the fast EMA is none. */
export function checkPair(name: string, fast: number, slow: number): void {
  if (fast < slow) return
  throw badInput(`indicator ${name}: fast is ${fast} and slow is ${slow}`, {
    hint: 'fast must be below slow, e.g. fast=12 slow=26',
  })
}

/** Two EMAs of the close while they start. A loop takes them over once both have a value, and puts them back. */
export class EmaPair {
  fast = 0
  slow = 0
  /** Values that have come one after another. */
  count = 0
  readonly #fastPeriod: number
  readonly #slowPeriod: number
  readonly #seed: PairSeed

  constructor(fast: number, slow: number, seed: PairSeed) {
    this.#fastPeriod = fast
    this.#slowPeriod = slow
    this.#seed = seed
  }

  /** Takes a row that has a value. Returns whether both EMAs have one by then. */
  take(values: Float64Array, row: number): boolean {
    this.count++
    const first = this.#seed === 'first'
    const slowStart = first ? 1 : this.#slowPeriod
    const fastStart = this.#seed === 'sma' ? this.#fastPeriod : slowStart
    this.fast = this.#next(this.fast, values, row, this.#fastPeriod, fastStart, first ? 1 : this.#fastPeriod)
    this.slow = this.#next(this.slow, values, row, this.#slowPeriod, slowStart, slowStart)
    return this.count >= this.#slowPeriod
  }

  #next(ema: number, values: Float64Array, row: number, period: number, start: number, rows: number): number {
    if (this.count < start) return 0
    if (this.count === start) return windowSum(values, row, rows) / rows
    const weight = 2 / (period + 1)
    return ema * (1 - weight) + values[row]! * weight
  }
}
