import { createRequire } from 'node:module'
import type * as TechnicalIndicators from 'technicalindicators'
import type { Column } from '../frame/column.ts'
import type { Fold, Lanes, Source } from './fold.ts'

let library: typeof TechnicalIndicators | undefined

/** Loads the library at its first use, not at the start of every command: it takes some 25 ms. */
export function technicalIndicators(): typeof TechnicalIndicators {
  library ??= createRequire(import.meta.url)('technicalindicators') as typeof TechnicalIndicators
  return library
}

/** A stream of the library: takes a row's values, lane by lane, and gives one value per output where it has one. */
export type BridgedStream = (row: readonly number[]) => readonly (number | undefined)[] | undefined

/** What of technicalindicators computes an indicator, and how it is to be handled. */
export interface Bridge {
  /** What a row hands to the stream, in this order. */
  readonly lanes: readonly Source[]
  /** Rows before the first value, by output. */
  readonly warmups: readonly number[]
  /** Rows from which the values follow: a stream that has seen so many gives the same as one that has seen all. */
  readonly memory: number
  /** What it means when a stream that is past its warm-up gives nothing: some leave out a value that is exactly 0. */
  readonly absent: number
  /** Starts a stream that knows no row yet. */
  open(): BridgedStream
}

/**
 * The library rounds by a setting of the whole process, also what its indicators hand to one another, where no format
 * can be given. Whoever has set it keeps it.
 */
function unrounded(work: () => void): void {
  const { getConfig, setConfig } = technicalIndicators()
  const precision: unknown = getConfig('precision')
  setConfig('precision', undefined)
  try {
    work()
  } finally {
    setConfig('precision', precision)
  }
}

/** Rows after which a stream is started anew. */
const RENEW_EVERY_ROWS = 4096

/**
 * An indicator of technicalindicators as a fold. What that library does not do, and this does:
 *
 * - a value that is not finite never reaches it (one NaN makes it finite and wrong, or NaN, for good): the stream is
 *   thrown away, and a new one gathers rows after it;
 * - a stream that gives what is not finite although its rows are (it divided by a price of 0, say) has it in its sums
 *   for good: it is thrown away too, and a new one learns the newest rows;
 * - its results are shorter than its input: here each row has its own, NaN where there is none;
 * - it rounds by a setting of the whole process: not here;
 * - its lists keep every value they have seen alive, so a stream is started anew from its memory now and then: at rows
 *   counted from the last one missing, and so the same in a batch and row by row.
 */
export class BridgedFold implements Fold {
  readonly #bridge: Bridge
  readonly #row: number[]
  readonly #enough: number
  #stream: BridgedStream | undefined
  /** Whole rows without one missing, up to as many as matter. */
  #count = 0
  #fed = 0

  constructor(bridge: Bridge) {
    this.#bridge = bridge
    this.#row = bridge.lanes.map(() => 0)
    this.#enough = Math.max(bridge.memory, ...bridge.warmups.map(rows => rows + 1))
  }

  advance(input: Lanes, out: readonly Column[], from: number, to: number): void {
    unrounded(() => {
      for (let row = from; row < to; row++) {
        const given = this.#next(input, row)
        for (let output = 0; output < out.length; output++) out[output]!.values[row] = this.#value(given, output)
      }
    })
  }

  #next(input: Lanes, row: number): readonly (number | undefined)[] | undefined {
    if (!this.#read(input, row)) {
      this.#stream = undefined
      this.#count = 0
      return undefined
    }
    const stream = this.#streamAt(input, row)
    // Learning earlier rows has overwritten it.
    this.#read(input, row)
    const given = stream(this.#row)
    this.#fed++
    if (this.#count < this.#enough) this.#count++
    return given
  }

  #value(given: readonly (number | undefined)[] | undefined, output: number): number {
    if (this.#count <= this.#bridge.warmups[output]!) return Number.NaN
    const value = given?.[output] ?? this.#bridge.absent
    // The last gate: nothing that is not a number gets into a column.
    if (Number.isFinite(value)) return value
    this.#stream = undefined
    return Number.NaN
  }

  /** A stream that has seen the rows of its memory before `row`. */
  #streamAt(input: Lanes, row: number): BridgedStream {
    const { memory } = this.#bridge
    if (this.#stream !== undefined && this.#fed < RENEW_EVERY_ROWS + memory) return this.#stream
    const stream = this.#bridge.open()
    const known = Math.min(this.#count, Math.max(memory - 1, ...this.#bridge.warmups))
    for (let earlier = row - known; earlier < row; earlier++) {
      this.#read(input, earlier)
      stream(this.#row)
    }
    this.#fed = known
    this.#stream = stream
    return stream
  }

  /** @returns whether every lane has a value. */
  #read(input: Lanes, row: number): boolean {
    const { lanes } = this.#bridge
    let whole = true
    for (let index = 0; index < lanes.length; index++) {
      const value = input[lanes[index]!].values[row]!
      if (!Number.isFinite(value)) whole = false
      this.#row[index] = value
    }
    return whole
  }
}
