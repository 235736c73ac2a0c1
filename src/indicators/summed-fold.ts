import type { Column } from '../frame/column.ts'
import type { Fold, Lanes, Source } from './fold.ts'
import { RESUM_FACTOR, resumRow } from './resum.ts'

/** Running sums over a window, which can be taken anew from its rows at any time. */
export interface Sums {
  /**
   * Takes the sums anew from the rows of the window that ends at `row`, all of them whole, and writes the row.
   * @returns the size of what is summed: the sums are taken anew when it has changed a thousandfold.
   */
  renew(input: Lanes, out: readonly Column[], row: number): number
  /**
   * The hot loop over rows `[from, to)`. Stops before a row with a missing value, and before one that would move the
   * size out of the given bounds: `!(size >= min && size <= max)` is true of NaN too.
   * @returns the row at which it stopped.
   */
  roll(input: Lanes, out: readonly Column[], from: number, to: number, min: number, max: number): number
}

/**
 * A fold over running sums: empty until the window is full of whole rows, and again after a missing one; the sums are
 * taken anew at fixed times.
 */
export class SummedFold implements Fold {
  readonly #inputs: readonly Source[]
  readonly #rows: number
  readonly #everyMs: number
  readonly #sums: Sums
  /** Whole rows in a row, up to `#rows`. */
  #count = 0
  #resumAtMs = 0
  #min = 0
  #max = 0

  /**
   * @param rows of the window: so many whole rows make a value.
   * @param everyMs how far apart, in open time, the sums are taken anew.
   */
  constructor(inputs: readonly Source[], rows: number, everyMs: number, sums: Sums) {
    this.#inputs = inputs
    this.#rows = rows
    this.#everyMs = everyMs
    this.#sums = sums
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const times = input.time.values
    let row = from
    while (row < to) {
      if (this.#count >= this.#rows) {
        const end = resumRow(times, row, to, this.#resumAtMs)
        row = this.#sums.roll(input, out, row, end, this.#min, this.#max)
      }
      if (row < to) row = this.#take(input, out, row)
    }
  }

  /** One row with sums of its own. */
  #take(input: Lanes, out: readonly Column[], row: number): number {
    if (!this.#isWhole(input, row)) this.#count = 0
    else if (this.#count < this.#rows) this.#count++
    if (this.#count < this.#rows) {
      for (let output = 0; output < out.length; output++) out[output]!.values[row] = Number.NaN
      return row + 1
    }
    const size = this.#sums.renew(input, out, row)
    this.#min = size / RESUM_FACTOR
    this.#max = size * RESUM_FACTOR
    this.#resumAtMs = (Math.floor(input.time.values[row]! / this.#everyMs) + 1) * this.#everyMs
    return row + 1
  }

  #isWhole(input: Lanes, row: number): boolean {
    for (let lane = 0; lane < this.#inputs.length; lane++)
      if (!Number.isFinite(input[this.#inputs[lane]!].values[row]!)) return false
    return true
  }
}
