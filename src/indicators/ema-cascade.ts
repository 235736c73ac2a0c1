/** How EMAs of EMAs start; see `cascadeStarts`. */
export const CASCADE_SEEDS = ['sma', 'chained', 'first'] as const
export type CascadeSeed = (typeof CASCADE_SEEDS)[number]

/**
 * From the mean of how many values each of the EMAs starts. `sma`: the first from that of `period` closes, the others as
 * that same mean. `chained`: each from the mean of `period` values of the one before. `first`: all as the first close.
 */
export function cascadeStarts(depth: number, period: number, seed: CascadeSeed): readonly number[] {
  return Array.from({ length: depth }, (_, stage) => {
    if (seed === 'first') return 1
    return seed === 'chained' || stage === 0 ? period : 1
  })
}

/** Values before the last EMA has one. */
export function cascadeWarmup(starts: readonly number[]): number {
  return starts.reduce((rows, start) => rows + start - 1, 0)
}

/** EMAs of EMAs, one value at a time. A loop takes the averages over, once they all have a value, and puts them back. */
export class EmaCascade {
  /** From the first EMA to the last. */
  readonly averages: Float64Array
  readonly #weights: readonly number[]
  readonly #starts: readonly number[]
  readonly #counts: Int32Array

  constructor(weights: readonly number[], starts: readonly number[]) {
    this.averages = new Float64Array(weights.length)
    this.#weights = weights
    this.#starts = starts
    this.#counts = new Int32Array(weights.length)
  }

  reset(): void {
    this.averages.fill(0)
    this.#counts.fill(0)
  }

  /** Takes a finite value. Returns whether the last EMA has a value. */
  take(value: number): boolean {
    let given = value
    for (let stage = 0; stage < this.averages.length; stage++) {
      const start = this.#starts[stage]!
      if (this.#counts[stage]! < start) {
        const count = ++this.#counts[stage]!
        // A sum until then.
        this.averages[stage]! += given
        if (count < start) return false
        this.averages[stage]! /= start
      } else {
        const weight = this.#weights[stage]!
        this.averages[stage] = this.averages[stage]! * (1 - weight) + given * weight
      }
      given = this.averages[stage]!
    }
    return true
  }
}
