import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import { checkPair, EmaPair, PAIR_SEEDS, pairSettle, pairWarmup, signalStart, type PairSeed } from './ema-pair.ts'
import type { Lanes } from './fold.ts'
import { RecursiveFold, type Recursion } from './recursive-fold.ts'

/**
 * Percentage price oscillator of the close: `ppo` is `100 × (fast EMA − slow EMA) / slow EMA`, `signal` the EMA of it,
 * `histogram` their difference: a MACD in percent of the price. EMAs start as those of `macd` do, by `seed`. A missing
 * close starts all of it anew.
 */
export const ppo = defineIndicator({
  name: 'ppo',
  params: {
    fast: int(12, { min: 1 }),
    slow: int(26, { min: 2 }),
    signal: int(9, { min: 1 }),
    seed: choice('sma', PAIR_SEEDS),
  },
  inputs: ['close'],
  outputs: ['ppo', 'signal', 'histogram'],
  source: 'Gerald Appel, EMAs as in StockCharts and TradingView; seed=first as in Tulip',
  check: ({ fast, slow }) => checkPair('ppo', fast, slow),
  warmup: ({ slow, signal, seed }) => pairWarmup(slow, signal, seed),
  settle: ({ slow, signal, seed }) => pairSettle(slow, signal, seed),
  fold: ({ fast, slow, signal, seed }) => new RecursiveFold(['close'], new PercentRecursion(fast, slow, signal, seed)),
})

class PercentRecursion implements Recursion {
  readonly #fastWeight: number
  readonly #slowWeight: number
  readonly #signalWeight: number
  /** Values of `ppo` that the signal starts from. */
  readonly #signalRows: number
  readonly #pair: EmaPair
  #valued = 0
  /** Their sum until it has started. */
  #signal = 0

  constructor(fast: number, slow: number, signal: number, seed: PairSeed) {
    this.#fastWeight = 2 / (fast + 1)
    this.#slowWeight = 2 / (slow + 1)
    this.#signalWeight = 2 / (signal + 1)
    this.#signalRows = signalStart(signal, seed)
    this.#pair = new EmaPair(fast, slow, seed)
  }

  reset(): void {
    this.#pair.count = 0
    this.#valued = 0
    this.#signal = 0
  }

  start(input: Lanes, out: readonly Column[], row: number): boolean {
    if (!this.#pair.take(input.close.values, row)) return false
    const ppo = (100 * (this.#pair.fast - this.#pair.slow)) / this.#pair.slow
    out[0]!.values[row] = ppo
    this.#signal += ppo
    if (++this.#valued < this.#signalRows) return false
    this.#signal /= this.#signalRows
    out[1]!.values[row] = this.#signal
    out[2]!.values[row] = ppo - this.#signal
    return true
  }

  run(input: Lanes, out: readonly Column[], from: number, to: number): number {
    const values = input.close.values
    const ppos = out[0]!.values
    const signals = out[1]!.values
    const histograms = out[2]!.values
    const fastWeight = this.#fastWeight
    const fastKeep = 1 - fastWeight
    const slowWeight = this.#slowWeight
    const slowKeep = 1 - slowWeight
    const signalWeight = this.#signalWeight
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
      const ppo = (100 * (fast - slow)) / slow
      signal = signal * signalKeep + ppo * signalWeight
      ppos[row] = ppo
      signals[row] = signal
      histograms[row] = ppo - signal
    }
    pair.fast = fast
    pair.slow = slow
    this.#signal = signal
    return row
  }
}
