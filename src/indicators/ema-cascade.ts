/** How EMAs of EMAs start; see `cascadeStarts`. */
export const CASCADE_SEEDS = ['sma', 'chained', 'first', 'first-chained'] as const
export type CascadeSeed = (typeof CASCADE_SEEDS)[number]

/** How one EMA of a cascade starts. */
export interface CascadeStart {
  /** From the mean of so many values. */
  readonly rows: number
  /** It has a value for the next one once it has taken so many. */
  readonly given: number
}

/**
 * How each of the EMAs starts. `sma`: the first from the mean of `period` closes, the others as that same mean.
 * `chained`: each from the mean of `period` values of the one before. `first`: all as the first close.
 * `first-chained`: each as the first value of the one before, which it is given once that one has taken `period`.
 */
export function cascadeStarts(depth: number, period: number, seed: CascadeSeed): readonly CascadeStart[] {
  return Array.from({ length: depth }, (_, stage) => {
    const rows = seed === 'chained' || (seed === 'sma' && stage === 0) ? period : 1
    return { rows, given: seed === 'first-chained' ? period : rows }
  })
}

/** Values before the last EMA has one. */
export function cascadeWarmup(starts: readonly CascadeStart[]): number {
  return starts.reduce((rows, start) => rows + start.given - 1, 0)
}

/** EMAs of EMAs, one value at a time. A loop takes the averages over, once they all have a value, and puts them back. */
export class EmaCascade {
  /** From the first EMA to the last. */
  readonly averages: Float64Array
  readonly #weights: readonly number[]
  readonly #starts: readonly CascadeStart[]
  readonly #counts: Int32Array

  constructor(weights: readonly number[], starts: readonly CascadeStart[]) {
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
      const { rows, given: enough } = this.#starts[stage]!
      // Beyond what it waits for it need not be counted.
      const count = Math.min(this.#counts[stage]! + 1, enough + 1)
      this.#counts[stage] = count
      if (count <= rows) {
        // A sum until then.
        this.averages[stage]! += given
        if (count === rows) this.averages[stage]! /= rows
      } else {
        const weight = this.#weights[stage]!
        this.averages[stage] = this.averages[stage]! * (1 - weight) + given * weight
      }
      if (count < enough) return false
      given = this.averages[stage]!
    }
    return true
  }
}
