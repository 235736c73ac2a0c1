import { choice, int } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'
import { RollingMax } from './rolling-max.ts'
import { RollingSum } from './rolling-sum.ts'

/**
 * Ulcer index: the root of the mean of the squared drawdowns of the last `period` closes, each in percent of the
 * greatest close from the window's first row up to it. First value at row period − 1. With `peak=trailing` each is in
 * percent of the greatest of its own last `period` closes; first value at row 2 × period − 2. A missing close gives NaN
 * until it has left the windows.
 */
export const ulcerIndex = defineIndicator({
  name: 'ulcer-index',
  // As the window moves each of its drawdowns may get another peak: a row costs `period` steps.
  params: { period: int(14, { min: 1, max: 10_000 }), peak: choice('window', ['window', 'trailing']) },
  inputs: ['close'],
  outputs: ['value'],
  source: "Peter Martin, The Investor's Guide to Fidelity Funds (1989); peaks as in Skender Stock.Indicators",
  warmup: ({ period, peak }) => rowsBefore(period, peak),
  settle: ({ period, peak }) => rowsBefore(period, peak),
  fold: ({ period, peak }) => (peak === 'trailing' ? new TrailingUlcerFold(period) : new UlcerIndexFold(period)),
})

function rowsBefore(period: number, peak: 'window' | 'trailing'): number {
  return peak === 'trailing' ? 2 * period - 2 : period - 1
}

class UlcerIndexFold implements Fold {
  readonly #period: number
  /** Finite closes in a row, up to `#period`. */
  #count = 0

  constructor(period: number) {
    this.#period = period
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const close = input.close.values
    const result = out[0]!.values
    const period = this.#period
    let count = this.#count
    for (let row = from; row < to; row++) {
      const value = close[row]!
      // True for NaN and infinity only.
      if (value - value !== 0) count = 0
      else if (count < period) count++
      result[row] = count < period ? Number.NaN : 100 * Math.sqrt(squaredDrawdowns(close, row, period) / period)
    }
    this.#count = count
  }
}

/** Sum of the squared drawdowns of the `count` values that end at `lastRow`, as parts of their peaks. */
function squaredDrawdowns(values: Float64Array, lastRow: number, count: number): number {
  let peak = -Infinity
  let sum = 0
  for (let row = lastRow - count + 1; row <= lastRow; row++) {
    const value = values[row]!
    if (value >= peak) peak = value
    else sum += ((value - peak) / peak) ** 2
  }
  return sum
}

class TrailingUlcerFold implements Fold {
  readonly #period: number
  readonly #peak: RollingMax
  readonly #squares: RollingSum

  constructor(period: number) {
    this.#period = period
    this.#peak = new RollingMax(period)
    this.#squares = new RollingSum(period)
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const close = input.close.values
    const result = out[0]!.values
    const period = this.#period
    for (let row = from; row < to; row++) {
      const peak = this.#peak.next(close[row]!)
      const drawdown = (close[row]! - peak) / peak
      result[row] = 100 * Math.sqrt(this.#squares.next(drawdown * drawdown) / period)
    }
  }
}
