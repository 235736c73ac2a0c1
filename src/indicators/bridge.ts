import { createRequire } from 'node:module'
import type * as TechnicalIndicators from 'technicalindicators'
import { bug } from '../domain/errors.ts'
import type { Column } from '../frame/column.ts'
import type { Fold, Lanes, Source } from './fold.ts'

let library: typeof TechnicalIndicators | undefined

/** Loads the library at its first use, not at the start of every command: it takes some 25 ms. */
export function technicalIndicators(): typeof TechnicalIndicators {
  library ??= createRequire(import.meta.url)('technicalindicators') as typeof TechnicalIndicators
  return library
}

/** A value of technicalindicators, one row at a time: `nextValue` of one of its classes. */
type BridgedStream = (value: number) => number | undefined

/** Rows after which a stream is started anew. */
const RENEW_EVERY_ROWS = 4096

/**
 * A windowed indicator of technicalindicators as a fold: one lane in, one output. Only for indicators whose value
 * follows from the last `window` rows: their `nextValue` gives the same for one row as for all, which a new
 * calculation over the whole array at each row would not give in time.
 *
 * What the library does not do, and this does:
 * - a value that is not finite never reaches it (one NaN poisons it for good): the stream starts anew after it;
 * - its results are shorter than its input: here each row has its own, NaN where there is none;
 * - its lists keep every value they have seen alive, so the stream is started anew from its window now and then.
 */
export class BridgedFold implements Fold {
  readonly #lane: Source
  readonly #window: number
  readonly #open: () => BridgedStream
  #stream: BridgedStream | undefined
  /** Finite rows in a row, up to the window. */
  #count = 0
  #fed = 0

  /** @param open starts a stream that knows no value yet. */
  constructor(lane: Source, window: number, open: () => BridgedStream) {
    this.#lane = lane
    this.#window = window
    this.#open = open
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    const values = input[this.#lane].values
    const result = out[0]!.values
    for (let row = from; row < to; row++) result[row] = this.#next(values, row)
  }

  #next(values: Float64Array, row: number): number {
    const value = values[row]!
    if (!Number.isFinite(value)) {
      this.#stream = undefined
      this.#count = 0
      return Number.NaN
    }
    const given = this.#streamAt(values, row)(value)
    this.#fed++
    if (this.#count < this.#window) this.#count++
    if (this.#count < this.#window) {
      if (given !== undefined) throw bug('technicalindicators gave a value before its window was full')
      return Number.NaN
    }
    // The last gate: nothing that is not a number gets into a column.
    return given !== undefined && Number.isFinite(given) ? given : Number.NaN
  }

  /** A stream that has seen the rows of the window before `row`. */
  #streamAt(values: Float64Array, row: number): BridgedStream {
    if (this.#stream !== undefined && this.#fed < RENEW_EVERY_ROWS + this.#window) return this.#stream
    const stream = this.#open()
    const known = Math.min(this.#count, this.#window - 1)
    for (let earlier = row - known; earlier < row; earlier++) stream(values[earlier]!)
    this.#fed = known
    this.#stream = stream
    return stream
  }
}
