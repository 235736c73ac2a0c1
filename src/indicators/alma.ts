import { int, number } from '../domain/param.ts'
import type { Column } from '../frame/column.ts'
import { defineIndicator } from './define.ts'
import type { Fold, Lanes } from './fold.ts'

/**
 * Arnaud Legoux moving average of the close: the last `period` closes weighted by a bell whose top lies at
 * `offset × (period − 1)` from the oldest and whose width is `period / sigma`: `exp(−(i − top)² / (2 × width²))`.
 * First value at row period − 1. A missing close gives NaN until it has left the window.
 */
export const alma = defineIndicator({
  name: 'alma',
  params: {
    // Each row costs `period` multiplications.
    period: int(9, { min: 1, max: 10_000 }),
    offset: number(0.85, { min: 0, max: 1 }),
    sigma: number(6, { min: 0.01 }),
  },
  inputs: ['close'],
  outputs: ['value'],
  source: 'Arnaud Legoux and Dimitris Kouzis-Loukas (2009), as in TradingView and Skender Stock.Indicators',
  warmup: ({ period }) => period - 1,
  settle: ({ period }) => period - 1,
  fold: ({ period, offset, sigma }) => new AlmaFold(bell(period, offset, sigma)),
})

/** Weights from the oldest to the newest, 1 together. */
function bell(period: number, offset: number, sigma: number): Float64Array {
  const top = offset * (period - 1)
  const width = period / sigma
  const weights = Float64Array.from({ length: period }, (_, index) =>
    Math.exp(-((index - top) ** 2) / (2 * width ** 2)),
  )
  let sum = 0
  for (const weight of weights) sum += weight
  return weights.map(weight => weight / sum)
}

class AlmaFold implements Fold {
  readonly #weights: Float64Array

  constructor(weights: Float64Array) {
    this.#weights = weights
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input.close.values
    const result = out[0]!.values
    const weights = this.#weights
    const period = weights.length
    const full = Math.min(to, Math.max(from, period - 1))
    result.fill(Number.NaN, from, full)
    for (let row = full; row < to; row++) {
      const first = row - period + 1
      let sum = 0
      for (let index = 0; index < period; index++) sum += weights[index]! * values[first + index]!
      // Infinity becomes NaN.
      result[row] = sum + (sum - sum)
    }
  }
}
