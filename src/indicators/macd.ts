import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { checkPair, EmaPair, PAIR_SEEDS, pairSettle, pairWarmup, signalStart, type PairSeed } from './ema-pair.ts'
import type { Fold, Lanes } from './fold.ts'
import { windowSum } from './window-sum.ts'

/**
 * Moving average convergence divergence of the close: `macd` is the fast EMA less the slow one, `signal` the EMA of
 * `macd`, `histogram` their difference. Each EMA starts as the mean of its first values: `macd` at row slow − 1,
 * `signal` and `histogram` at row slow + signal − 2. With `seed=aligned` the fast EMA starts at row slow − 1 too; with
 * `seed=first` both start as the first close, and `signal` as the macd of row slow − 1. A missing close starts all of
 * it anew.
 */
export const macd = defineIndicator({
  name: 'macd',
  params: {
    fast: int(12, { min: 1 }),
    slow: int(26, { min: 2 }),
    signal: int(9, { min: 1 }),
    seed: choice('sma', PAIR_SEEDS),
  },
  inputs: ['close'],
  outputs: ['macd', 'signal', 'histogram'],
  source:
    'Gerald Appel (1979); each EMA seeded by an SMA, as in Skender Stock.Indicators; seed=aligned as in TA-Lib, ' +
    'seed=first as in Tulip',
  check: ({ fast, slow }) => checkPair('macd', fast, slow),
  warmup: ({ slow, signal, seed }) => pairWarmup(slow, signal, seed),
  settle: ({ slow, signal, seed }) => pairSettle(slow, signal, seed),
  fold: ({ fast, slow, signal, seed }) => new MacdFold(fast, slow, signal, seed),
})

class MacdFold implements Fold {
  readonly #fastPeriod: number
  readonly #slowPeriod: number
  readonly #signalPeriod: number
  /** Values of `macd` that the signal starts from. */
  readonly #signalRows: number
  readonly #pair: EmaPair
  /** Rows of `macd` in a row, up to `#signalRows`. */
  #valued = 0
  #signal = 0

  constructor(fast: number, slow: number, signal: number, seed: PairSeed) {
    this.#fastPeriod = fast
    this.#slowPeriod = slow
    this.#signalPeriod = signal
    this.#signalRows = signalStart(signal, seed)
    this.#pair = new EmaPair(fast, slow, seed)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const macds = out[0]!.values
    const signals = out[1]!.values
    const histograms = out[2]!.values
    let row = from
    while (row < to) {
      if (this.#valued >= this.#signalRows) row = this.#run(values, macds, signals, histograms, row, to)
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
    const pair = this.#pair
    let fast = pair.fast
    let slow = pair.slow
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
    pair.fast = fast
    pair.slow = slow
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
    if (!Number.isFinite(values[row]!)) {
      this.#pair.count = 0
      this.#valued = 0
      return row + 1
    }
    if (!this.#pair.take(values, row)) return row + 1
    const macd = this.#pair.fast - this.#pair.slow
    macds[row] = macd
    if (++this.#valued < this.#signalRows) return row + 1
    const signal = windowSum(macds, row, this.#signalRows) / this.#signalRows
    this.#signal = signal
    signals[row] = signal
    histograms[row] = macd - signal
    return row + 1
  }
}
