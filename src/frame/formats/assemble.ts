import type { Timeframe } from '../../domain/timeframe.ts'
import { CandleFrame, ROW_REVISED } from '../candle-frame.ts'
import { describeDefect, rowDefect, type RowDefect } from '../row-check.ts'
import { LANES } from './lanes.ts'
import { REPORTED_ROWS_MAX, type LoadReport, type RowNote } from './load-report.ts'
import type { ParsedFile } from './parsed-file.ts'
import type { RawRows } from './raw-rows.ts'

export interface Assembled {
  readonly frame: CandleFrame
  readonly report: LoadReport
}

/** Bounded notes with an unbounded count. */
class Notes {
  readonly list: RowNote[] = []
  count = 0

  add(row: number, reason: string): void {
    this.count++
    if (this.list.length < REPORTED_ROWS_MAX) this.list.push({ row, reason })
  }
}

/** Rows that can stand in a frame, and what is wrong with the others. */
interface Checked {
  /** Indices of good rows, in the order of the file. */
  readonly good: Int32Array
  readonly refused: Notes
  readonly misaligned: number
}

/**
 * Checks every row, sorts, drops repetitions: from rows as they came to a frame. The memory of the rows may become the
 * frame's: they are not to be used after that.
 */
export function assemble(file: ParsedFile, timeframe: Timeframe): Assembled {
  const { rows } = file
  const { good, refused, misaligned } = checkRows(rows, timeframe)
  const repaired = new Notes()
  const { outOfOrder, newestFirst, isStrict } = orderOf(rows, good)
  const { frame, duplicates, revised } =
    isStrict && good.length === rows.length
      ? { frame: frameOf(rows, newestFirst), duplicates: 0, revised: 0 }
      : merge(file, sortRows(rows, good, { outOfOrder, newestFirst }, repaired), repaired)
  const report: LoadReport = {
    format: file.dialect,
    unit: file.unit,
    rows: rows.length,
    taken: frame.length,
    outOfOrder,
    duplicates,
    revised,
    misaligned,
    invalid: refused.count - misaligned,
    newestFirst,
    twelveHours: file.twelveHours ?? 0,
    refusedCount: refused.count,
    refused: refused.list,
    repairedCount: outOfOrder + duplicates + revised,
    repaired: repaired.list,
  }
  return { frame, report }
}

/** All rows, which stand in the order of their times or against it: nothing is copied. */
function frameOf({ values, length }: RawRows, newestFirst: boolean): CandleFrame {
  if (newestFirst) for (const lane of LANES) values[lane].subarray(0, length).reverse()
  return CandleFrame.over(values, length)
}

/** Rows of one time become one, the first of them. */
function merge({ rows, unit }: ParsedFile, sorted: Int32Array, repaired: Notes) {
  const frame = new CandleFrame(sorted.length)
  const { time, open, high, low, close, volume } = rows.values
  let duplicates = 0
  let revised = 0
  let kept = -1
  for (const row of sorted) {
    if (kept >= 0 && time[kept] === time[row]) {
      const first = `${unit} ${rows.numbers[kept]!}`
      if (sameValues(rows, kept, row)) {
        duplicates++
        repaired.add(rows.numbers[row]!, `equal to ${first}: dropped`)
      } else {
        revised++
        frame.flags[frame.length - 1] = ROW_REVISED
        repaired.add(rows.numbers[row]!, `other values for the candle of ${first}: that one is kept`)
      }
      continue
    }
    frame.append(time[row]!, open[row]!, high[row]!, low[row]!, close[row]!, volume[row]!)
    kept = row
  }
  return { frame, duplicates, revised }
}

function checkRows(rows: RawRows, timeframe: Timeframe): Checked {
  const { time, open, high, low, close, volume } = rows.values
  const good = new Int32Array(rows.length)
  const refused = new Notes()
  let count = 0
  let misaligned = 0
  for (let row = 0; row < rows.length; row++) {
    const defect = rowDefect(timeframe, time[row]!, open[row]!, high[row]!, low[row]!, close[row]!, volume[row]!)
    if (defect === undefined) good[count++] = row
    else {
      refused.add(rows.numbers[row]!, rows.problem(row) ?? explain(rows, row, defect))
      if (defect === 'misaligned') misaligned++
    }
  }
  return { good: good.subarray(0, count), refused, misaligned }
}

/** The defect with the values that show it. */
function explain(rows: RawRows, row: number, defect: RowDefect): string {
  const { time, open, high, low, close, volume } = rows.values
  if (defect === 'misaligned') return `${describeDefect(defect)}: it is ${describeTime(time[row]!)}`
  return `${describeDefect(defect)}: open ${open[row]!}, high ${high[row]!}, low ${low[row]!}, close ${close[row]!}, volume ${volume[row]!}`
}

function describeTime(timeMs: number): string {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? String(timeMs) : date.toISOString()
}

/** How the times of good rows follow each other. */
interface RowOrder {
  readonly outOfOrder: number
  readonly newestFirst: boolean
}

/** Also whether each time is after the one before it, or each before: then there is nothing to sort. */
function orderOf({ values: { time } }: RawRows, good: Int32Array): RowOrder & { readonly isStrict: boolean } {
  let outOfOrder = 0
  let equal = 0
  for (let at = 1; at < good.length; at++) {
    const before = time[good[at - 1]!]!
    const now = time[good[at]!]!
    if (now < before) outOfOrder++
    else if (now === before) equal++
  }
  const newestFirst = outOfOrder > good.length / 2
  const isOneWay = outOfOrder === 0 || (newestFirst && outOfOrder === good.length - 1)
  return { outOfOrder, newestFirst, isStrict: isOneWay && equal === 0 }
}

/** Ascending by time; rows of one time stay in the order of the file. */
function sortRows(
  { values: { time }, numbers }: RawRows,
  good: Int32Array,
  { outOfOrder, newestFirst }: RowOrder,
  repaired: Notes,
): Int32Array {
  if (outOfOrder === 0) return good
  for (let at = 1; at < good.length && !newestFirst; at++)
    if (time[good[at]!]! < time[good[at - 1]!]!)
      repaired.add(numbers[good[at]!]!, 'it came after a later row: sorted in')
  return good.slice().sort((a, b) => time[a]! - time[b]! || a - b)
}

function sameValues(rows: RawRows, a: number, b: number): boolean {
  const { open, high, low, close, volume } = rows.values
  return (
    open[a] === open[b] && high[a] === high[b] && low[a] === low[b] && close[a] === close[b] && volume[a] === volume[b]
  )
}
