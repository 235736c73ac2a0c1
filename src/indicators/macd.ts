import { badInput } from '../domain/errors.ts'
import { int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { rowsToForget } from './decay.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { windowSum } from './window-sum.ts'

const keepOf = (period: number): number => 1 - 2 / (period + 1)

/**
 * Moving average convergence divergence of the close: `macd` is the fast EMA less the slow one, `signal` the EMA of
 * `macd`, `histogram` their difference. Each EMA starts as the mean of its first values: `macd` at row slow − 1,
 * `signal` and `histogram` at row slow + signal − 2. A missing close starts all of it anew.
 */
export const macd = defineIndicator({
  name: 'macd',
  params: { fast: int(12, { min: 1 }), slow: int(26, { min: 2 }), signal: int(9, { min: 1 }) },
  inputs: ['close'],
  outputs: ['macd', 'signal', 'histogram'],
  source: 'Gerald Appel (1979); each EMA seeded by an SMA, as in Skender Stock.Indicators',
  check: ({ fast, slow }) => {
    if (fast >= slow)
      throw badInput(`indicator macd: fast is ${fast} and slow is ${slow}`, {
        hint: 'fast must be below slow, e.g. fast=12 slow=26',
      })
  },
  warmup: ({ slow, signal }) => slow + signal - 2,
  // The difference of two averages is a small part of either: what is left of their start weighs more in it.
  settle: ({ slow, signal }) =>
    slow + signal - 2 + rowsToForget(keepOf(slow), 1e-11) + rowsToForget(keepOf(signal), 1e-9),
  fold: ({ fast, slow, signal }) => new MacdFold(fast, slow, signal),
})

class MacdFold implements Fold {
  readonly #fastPeriod: number
  readonly #slowPeriod: number
  readonly #signalPeriod: number
  /** Finite closes in a row, up to the number that the first signal needs. */
  #count = 0
  #fast = 0
  #slow = 0
  #signal = 0

  constructor(fast: number, slow: number, signal: number) {
    this.#fastPeriod = fast
    this.#slowPeriod = slow
    this.#signalPeriod = signal
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const macds = out[0]!.values
    const signals = out[1]!.values
    const histograms = out[2]!.values
    const needed = this.#slowPeriod + this.#signalPeriod - 1
    let row = from
    while (row < to) {
      if (this.#count >= needed) row = this.#run(values, macds, signals, histograms, row, to)
      if (row < to) row = this.#gather(values, macds, signals, histograms, row)
    }
  }

  /** The hot loop. Returns the row at which it stopped: `to`, or one without a close. */
  #run(
    values: Float64Array,
    macds: Float64Array,
    signals: Float64Array,
    histograms: Float64Array,
    from: number,
    to: number,
  ): number {
    const fastWeight = 2 / (this.#fastPeriod + 1)
    const slowWeight = 2 / (this.#slowPeriod + 1)
    const signalWeight = 2 / (this.#signalPeriod + 1)
    const fastKeep = 1 - fastWeight
    const slowKeep = 1 - slowWeight
    const signalKeep = 1 - signalWeight
    let fast = this.#fast
    let slow = this.#slow
    let signal = this.#signal
    let row = from
    for (; row < to; row++) {
      const value = values[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) break
      fast = fast * fastKeep + value * fastWeight
      slow = slow * slowKeep + value * slowWeight
      const macd = fast - slow
      signal = signal * signalKeep + macd * signalWeight
      macds[row] = macd
      signals[row] = signal
      histograms[row] = macd - signal
    }
    this.#fast = fast
    this.#slow = slow
    this.#signal = signal
    return row
  }

  #gather(
    values: Float64Array,
    macds: Float64Array,
    signals: Float64Array,
    histograms: Float64Array,
    row: number,
  ): number {
    macds[row] = Number.NaN
    signals[row] = Number.NaN
    histograms[row] = Number.NaN
    const count = Number.isFinite(values[row]!) ? this.#count + 1 : 0
    this.#count = count
    this.#fast = started(this.#fast, values, row, this.#fastPeriod, count)
    this.#slow = started(this.#slow, values, row, this.#slowPeriod, count)
    const valued = count - this.#slowPeriod + 1
    if (valued < 1) return row + 1
    const macd = this.#fast - this.#slow
    macds[row] = macd
    if (valued < this.#signalPeriod) return row + 1
    const signal = windowSum(macds, row, this.#signalPeriod) / this.#signalPeriod
    this.#signal = signal
    signals[row] = signal
    histograms[row] = macd - signal
    return row + 1
  }
}

/** An EMA that may still be gathering its first values, of which `count` have come. */
function started(ema: number, values: Float64Array, row: number, period: number, count: number): number {
  if (count < period) return 0
  if (count === period) return windowSum(values, row, period) / period
  const weight = 2 / (period + 1)
  return ema * (1 - weight) + values[row]! * weight
}
