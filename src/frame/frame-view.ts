import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import { ROW_FILLED, ROW_PARTIAL, ROW_REVISED, type CandleFrame } from './candle-frame.ts'
import { FrameColumn, rowRange } from './frame-column.ts'

export const CANDLE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
export type CandleColumn = (typeof CANDLE_COLUMNS)[number]

/** Marks of rows; the array may be replaced by a longer one, so its owner is held. */
interface MarkOwner {
  readonly flags: Uint8Array
}

interface Parts<N extends string> {
  readonly time: FrameColumn
  readonly columns: ReadonlyMap<N, FrameColumn>
  readonly timeframe: Timeframe | undefined
  readonly marks: MarkOwner
  /** Row of the marks that row 0 shows. */
  readonly marksFrom: number
}

/**
 * A read-only table: times that ascend, and columns of numbers beside them. Selecting, slicing and shifting copy nothing.
 * A view shows the rows that were there when it was made, however far the frame behind it has grown since; it holds the
 * frame's columns and not their memory, so it stays right.
 */
export class FrameView<N extends string = CandleColumn> {
  readonly length: number
  /** Open times, UTC ms. */
  readonly time: FrameColumn
  /** Of candles; undefined for a table whose rows stand for moments. */
  readonly timeframe: Timeframe | undefined
  readonly #parts: Parts<N>

  constructor(parts: Parts<N>) {
    this.length = parts.time.length
    this.time = parts.time
    this.timeframe = parts.timeframe
    this.#parts = parts
  }

  /** The columns' names, in order. */
  get names(): readonly N[] {
    return [...this.#parts.columns.keys()]
  }

  /** @throws bad input when there is no such column. */
  column(name: N): FrameColumn {
    const found = this.#parts.columns.get(name)
    if (found) return found
    const near = nearest(name, this.names)
    throw badInput(`there is no column "${name}"`, {
      hint: near === undefined ? `there are: ${this.names.join(', ')}` : `did you mean "${near}"?`,
    })
  }

  /** Some of the columns. */
  select<K extends N>(...names: readonly K[]): FrameView<K> {
    const columns = new Map(names.map(name => [name, this.column(name)] as const))
    return new FrameView<K>({ ...this.#parts, columns })
  }

  /** The table with one more column, or another one of that name. @throws bad input when it has other rows. */
  with<K extends string>(name: K, values: FrameColumn | ArrayLike<number>): FrameView<N | K> {
    const column = values instanceof FrameColumn ? values : FrameColumn.of(Float64Array.from(values))
    if (column.length !== this.length)
      throw badInput(`the column "${name}" has ${column.length} rows, the table ${this.length}`)
    const columns = new Map<N | K, FrameColumn>(this.#parts.columns)
    columns.set(name, column)
    return new FrameView<N | K>({ ...this.#parts, columns })
  }

  /** Rows `[from, to)`, as of arrays: negative ones count from the end. */
  slice(from = 0, to = this.length): FrameView<N> {
    const [first, end] = rowRange(this.length, from, to)
    const { columns, marksFrom } = this.#parts
    return new FrameView<N>({
      ...this.#parts,
      time: this.time.slice(first, end),
      columns: new Map([...columns].map(([name, column]) => [name, column.slice(first, end)])),
      marksFrom: marksFrom + first,
    })
  }

  /** The last rows, at most all. */
  tail(rows: number): FrameView<N> {
    return rows > 0 ? this.slice(-Math.min(rows, this.length)) : this.slice(0, 0)
  }

  /** Rows whose time lies in `[fromMs, toMs)`, UTC ms; found by halving. */
  between(fromMs = -Infinity, toMs = Infinity): FrameView<N> {
    return this.slice(this.rowFrom(fromMs), this.rowFrom(toMs))
  }

  /** First row whose time is not before `timeMs`; `length` when there is none. */
  rowFrom(timeMs: number): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.time.at(middle) < timeMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Every column shifted by so many rows against the times; see `FrameColumn.shift`. */
  shift(rows: number): FrameView<N> {
    const columns = new Map([...this.#parts.columns].map(([name, column]) => [name, column.shift(rows)]))
    return new FrameView<N>({ ...this.#parts, columns })
  }

  /** A bar of a higher timeframe that lacks some of the bars it is made of. */
  isPartial(row: number): boolean {
    return (this.marksAt(row) & ROW_PARTIAL) !== 0
  }

  /** A bar that was filled in where the exchange has none. */
  isFilled(row: number): boolean {
    return (this.marksAt(row) & ROW_FILLED) !== 0
  }

  /** A bar that the exchange has given with other values since. */
  isRevised(row: number): boolean {
    return (this.marksAt(row) & ROW_REVISED) !== 0
  }

  /** The marks of a row together; 0 outside. */
  marksAt(row: number): number {
    return row >= 0 && row < this.length ? (this.#parts.marks.flags[this.#parts.marksFrom + row] ?? 0) : 0
  }

  /** One row as an object, for printing and the like: a loop over rows reads columns. */
  row(row: number): { readonly [K in N | 'time']: number } {
    const values = [...this.#parts.columns].map(([name, column]) => [name, column.at(row)] as const)
    return Object.fromEntries([['time', this.time.at(row)], ...values]) as { readonly [K in N | 'time']: number }
  }
}

/** The candles of a frame as a table. Nothing is copied. */
export function viewOf(frame: CandleFrame, timeframe: Timeframe | undefined): FrameView {
  const columns = new Map(CANDLE_COLUMNS.map(name => [name, new FrameColumn(frame[name], 0, frame.length)]))
  const time = new FrameColumn(frame.time, 0, frame.length)
  return new FrameView<CandleColumn>({ time, columns, timeframe, marks: frame, marksFrom: 0 })
}

/**
 * A table of one's own: funding rates, a signal, candles from elsewhere.
 *
 *     const funding = table([1_700_000_000_000, 1_700_028_800_000], { rate: [0.0001, 0.00012] })
 *
 * @param time UTC ms, ascending. @param timeframe when the rows are bars, named by their open time.
 * @throws bad input when times do not ascend, or a column has other rows.
 */
export function table<N extends string>(
  time: ArrayLike<number>,
  columns: Readonly<Record<N, ArrayLike<number> | FrameColumn>>,
  timeframe?: Timeframe,
): FrameView<N> {
  for (let row = 0; row < time.length; row++)
    if (!(Number.isFinite(time[row]) && (row === 0 || time[row]! > time[row - 1]!)))
      throw badInput(`the times of a table must ascend; row ${row} has ${time[row]!}`, {
        hint: 'sort the rows by time, and keep one row for each time',
      })
  const bare = new FrameView<N>({
    time: FrameColumn.of(Float64Array.from(time)),
    columns: new Map<N, FrameColumn>(),
    timeframe,
    marks: { flags: new Uint8Array(0) },
    marksFrom: 0,
  })
  const entries = Object.entries(columns) as [N, ArrayLike<number> | FrameColumn][]
  return entries.reduce((built, [name, values]) => built.with(name, values), bare)
}
