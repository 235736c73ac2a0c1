import { CandleFrame } from '../frame/candle-frame.ts'
import { ComputedColumns } from './computed.ts'

/** A value of a live column that is not what its frame gives. */
export interface ColumnDifference {
  readonly columns: ComputedColumns
  readonly output: string
  /** Of the candle, UTC ms. */
  readonly openTime: number
  readonly live: number
  readonly recomputed: number
}

interface UnderWay {
  readonly live: ComputedColumns
  readonly anew: ComputedColumns
  /** The live frame's rows as far as they have been computed anew. */
  readonly view: CandleFrame
}

/**
 * Compares live columns with what is computed anew from their frames, a bounded number of rows at a time, one column
 * after the other and then again from the first: a column that went wrong would otherwise go on trading for ever. Both
 * come from the same code over the same rows, so they are equal to the bit unless a row of the frame changed behind a
 * column's back, or the column's memory did.
 */
export class ColumnAudit {
  readonly #columns: () => readonly ComputedColumns[]
  readonly #rowsPerStep: number
  #next = 0
  #under: UnderWay | undefined
  #compared = 0

  /**
   * @param columns those that are in use now.
   * @param rowsPerStep most rows that one step computes.
   */
  constructor(columns: () => readonly ComputedColumns[], rowsPerStep: number) {
    this.#columns = columns
    this.#rowsPerStep = rowsPerStep
  }

  /** Columns that have been compared to their end since the start. */
  get compared(): number {
    return this.#compared
  }

  /** Goes on by some rows. @returns the first difference among them; the rest of that column is not looked at. */
  step(): ColumnDifference | undefined {
    const under = this.#under ?? this.#begin()
    if (under === undefined) return undefined
    const { live, anew, view } = under
    const from = anew.length
    const to = Math.min(live.length, from + this.#rowsPerStep)
    shareRows(live.frame, view, to)
    anew.advance()
    const difference = firstDifference(live, anew, from, to)
    if (difference === undefined && to < live.length) return undefined
    this.#under = undefined
    this.#compared++
    return difference
  }

  #begin(): UnderWay | undefined {
    const columns = this.#columns()
    const live = columns[this.#next % columns.length]
    if (live === undefined) return undefined
    this.#next = (this.#next + 1) % columns.length
    const view = new CandleFrame()
    this.#under = { live, view, anew: new ComputedColumns(live.spec, view) }
    return this.#under
  }
}

/** The same memory, seen up to a row. The arrays are taken anew each time: a frame replaces them when it grows. */
function shareRows(frame: CandleFrame, view: CandleFrame, rows: number): void {
  for (const lane of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) view[lane].values = frame[lane].values
  view.length = rows
}

function firstDifference(
  live: ComputedColumns,
  anew: ComputedColumns,
  from: number,
  to: number,
): ColumnDifference | undefined {
  for (const [index, column] of live.outputs.entries()) {
    const values = column.values
    const wanted = anew.outputs[index]!.values
    for (let row = from; row < to; row++)
      if (!Object.is(values[row], wanted[row]))
        return {
          columns: live,
          output: live.outputNames[index]!,
          openTime: live.frame.timeAt(row),
          live: values[row]!,
          recomputed: wanted[row]!,
        }
  }
  return undefined
}
