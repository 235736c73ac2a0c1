import { badInput } from '../domain/errors.ts'
import { Column } from './column.ts'

/** Numbers to read: a typed array that types do not let anyone write to. */
export interface Values extends ArrayLike<number>, Iterable<number> {
  readonly [row: number]: number
  readonly length: number
  subarray(from?: number, to?: number): Values
}

/**
 * A read-only window on a column: the rows that were there when it was made. Slices, tails and shifts copy nothing. It
 * holds the column and not its memory, so it stays right when the column grows. NaN means "no value".
 */
export class FrameColumn implements Iterable<number> {
  readonly length: number
  readonly #column: Column
  /** Row of the column that row 0 of the view shows; out of `[lowest, end)` there is no value. */
  readonly #start: number
  readonly #lowest: number
  readonly #end: number

  constructor(column: Column, start: number, length: number, lowest = start, end = start + length) {
    this.length = length
    this.#column = column
    this.#start = start
    this.#lowest = lowest
    this.#end = end
  }

  /** A view of values of one's own; they are not copied. */
  static of(values: Float64Array): FrameColumn {
    const column = new Column(0)
    column.values = values
    return new FrameColumn(column, 0, values.length)
  }

  /** One value; a negative row counts from the end. NaN outside. */
  at(row: number): number {
    const inside = row < 0 ? row + this.length : row
    if (!(inside >= 0 && inside < this.length)) return Number.NaN
    const source = this.#start + inside
    return source >= this.#lowest && source < this.#end ? (this.#column.values[source] ?? Number.NaN) : Number.NaN
  }

  /** The newest value; NaN when there is none. */
  get last(): number {
    return this.at(-1)
  }

  /** All values as they are now: the column's own memory where the view is not shifted, else a copy. */
  values(): Values {
    const from = Math.min(Math.max(this.#start, this.#lowest), this.#start + this.length)
    const to = Math.max(from, Math.min(this.#start + this.length, this.#end))
    const visible = this.#column.values.subarray(from, to)
    if (visible.length === this.length) return visible
    const padded = new Float64Array(this.length).fill(Number.NaN)
    padded.set(visible, from - this.#start)
    return padded
  }

  /** A copy that is the caller's to change. */
  toArray(): Float64Array {
    return Float64Array.from(this.values())
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let row = 0; row < this.length; row++) yield this.at(row)
  }

  /** Rows `[from, to)`, as of arrays: negative ones count from the end. */
  slice(from = 0, to = this.length): FrameColumn {
    const [first, end] = rowRange(this.length, from, to)
    return new FrameColumn(this.#column, this.#start + first, end - first, this.#lowest, this.#end)
  }

  /** The last rows, at most all. */
  tail(rows: number): FrameColumn {
    return this.slice(Math.max(0, this.length - checkRows(rows, 0)))
  }

  /**
   * The same rows, each showing the value of `rows` rows before it, the first ones none. A negative number shows later
   * values: right for labels in research, a look into the future in a strategy.
   */
  shift(rows: number): FrameColumn {
    if (!Number.isInteger(rows))
      throw badInput(`a column cannot be shifted by ${rows} rows`, { hint: 'use a whole number' })
    const lowest = Math.max(this.#lowest, this.#start)
    const end = Math.min(this.#end, this.#start + this.length)
    return new FrameColumn(this.#column, this.#start - rows, this.length, lowest, end)
  }

  /** Simple returns, xₜ / xₜ₋ₙ − 1; NaN where one of the two is missing. Rows count, not time: see `onGrid` for gaps. */
  returns(rows = 1): FrameColumn {
    return this.#against(checkRows(rows, 1), (now, before) => now / before - 1)
  }

  /** Logarithmic returns, ln(xₜ / xₜ₋ₙ): they add up over time. */
  logReturns(rows = 1): FrameColumn {
    return this.#against(checkRows(rows, 1), (now, before) => Math.log(now / before))
  }

  /** xₜ − xₜ₋ₙ. */
  difference(rows = 1): FrameColumn {
    return this.#against(checkRows(rows, 1), (now, before) => now - before)
  }

  /** A new column, row by row. */
  map(change: (value: number, row: number) => number): FrameColumn {
    const values = this.values()
    const changed = new Float64Array(this.length)
    for (let row = 0; row < changed.length; row++) changed[row] = change(values[row]!, row)
    return FrameColumn.of(changed)
  }

  /** A new column of this one and another, row by row. @throws bad input when they differ in length. */
  combine(other: FrameColumn, join: (mine: number, others: number) => number): FrameColumn {
    if (other.length !== this.length)
      throw badInput(`a column of ${this.length} rows cannot be combined with one of ${other.length}`)
    const others = other.values()
    return this.map((value, row) => join(value, others[row]!))
  }

  #against(rows: number, relate: (now: number, before: number) => number): FrameColumn {
    const values = this.values()
    const related = new Float64Array(this.length).fill(Number.NaN)
    for (let row = rows; row < related.length; row++) related[row] = relate(values[row]!, values[row - rows]!)
    return FrameColumn.of(related)
  }
}

/** `[from, to)` within `length` rows, as `Array.prototype.slice` reads it. */
export function rowRange(length: number, from: number, to: number): readonly [number, number] {
  const place = (row: number): number => Math.min(length, Math.max(0, Math.trunc(row < 0 ? row + length : row)))
  const first = place(from)
  return [first, Math.max(first, place(to))]
}

function checkRows(rows: number, least: number): number {
  if (Number.isInteger(rows) && rows >= least) return rows
  throw badInput(`${rows} is no number of rows`, { hint: `use a whole number of at least ${least}` })
}
