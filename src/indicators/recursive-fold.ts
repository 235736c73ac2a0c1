import type { Column } from '../frame/column.ts'
import type { Fold, Lanes, Source } from './fold.ts'

/** A state that follows from all rows since it started. */
export interface Recursion {
  /** Forgets everything: the next row is the first. */
  reset(): void
  /**
   * Takes one whole row while gathering what it starts from. Writes the outputs that have a value by then; the others
   * hold NaN already.
   * @returns whether it has all that the hot loop needs.
   */
  start(input: Lanes, out: readonly Column[], row: number): boolean
  /**
   * The hot loop over rows `[from, to)`. Stops before a row with a missing value.
   * @returns the row at which it stopped.
   */
  run(input: Lanes, out: readonly Column[], from: number, to: number): number
}

/** A fold over a recursion: a missing value starts it anew. */
export class RecursiveFold implements Fold {
  readonly #inputs: readonly Source[]
  readonly #recursion: Recursion
  #isRunning = false

  constructor(inputs: readonly Source[], recursion: Recursion) {
    this.#inputs = inputs
    this.#recursion = recursion
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    let row = from
    while (row < to) {
      if (this.#isRunning) row = this.#recursion.run(input, out, row, to)
      if (row < to) this.#take(input, out, row++)
    }
  }

  #take(input: Lanes, out: readonly Column[], row: number): void {
    for (let output = 0; output < out.length; output++) out[output]!.values[row] = Number.NaN
    if (this.#isWhole(input, row)) this.#isRunning = this.#recursion.start(input, out, row)
    else {
      this.#recursion.reset()
      this.#isRunning = false
    }
  }

  #isWhole(input: Lanes, row: number): boolean {
    for (let lane = 0; lane < this.#inputs.length; lane++)
      if (!Number.isFinite(input[this.#inputs[lane]!].values[row]!)) return false
    return true
  }
}
