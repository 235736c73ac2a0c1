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

/** Which rows cannot stand in a frame, and how the times of the good ones follow each other. */
interface Checked {
  /** Rows that are no candles, in the order of the file. */
  readonly bad: readonly number[]
  readonly refused: Notes
  readonly misaligned: number
  readonly outOfOrder: number
  readonly newestFirst: boolean
  /** Each time is after the one before it, or each before: then there is nothing to sort and to merge. */
  readonly isStrict: boolean
}

/**
 * Checks every row, sorts, drops repetitions: from rows as they came to a frame. The memory of the rows may become the
 * frame's: they are not to be used after that.
 */
export function assemble(file: ParsedFile, timeframe: Timeframe): Assembled {
  const { rows } = file
  const checked = checkRows(rows, timeframe)
  const { bad, refused, misaligned, outOfOrder, newestFirst, isStrict } = checked
  const repaired = new Notes()
  const { frame, duplicates, revised } =
    isStrict && bad.length === 0
      ? { frame: frameOf(rows, newestFirst), duplicates: 0, revised: 0 }
      : merge(file, sortRows(rows, checked, repaired), repaired)
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
  const refused = new Notes()
  const bad: number[] = []
  let misaligned = 0
  let outOfOrder = 0
  let equal = 0
  let before = -Infinity
  for (let row = 0; row < rows.length; row++) {
    const now = time[row]!
    const defect = rowDefect(timeframe, now, open[row]!, high[row]!, low[row]!, close[row]!, volume[row]!)
    if (defect === undefined) {
      if (now < before) outOfOrder++
      else if (now === before) equal++
      before = now
    } else {
      bad.push(row)
      refused.add(rows.numbers[row]!, rows.problem(row) ?? explain(rows, row, defect))
      if (defect === 'misaligned') misaligned++
    }
  }
  const count = rows.length - bad.length
  const newestFirst = outOfOrder > count / 2
  const isOneWay = outOfOrder === 0 || (newestFirst && outOfOrder === count - 1)
  return { bad, refused, misaligned, outOfOrder, newestFirst, isStrict: isOneWay && equal === 0 }
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

/** Good rows, ascending by time; rows of one time stay in the order of the file. */
function sortRows({ values: { time }, numbers, length }: RawRows, checked: Checked, repaired: Notes): Int32Array {
  const { bad, outOfOrder, newestFirst } = checked
  const good = new Int32Array(length - bad.length)
  for (let row = 0, passed = 0; row < length; row++) {
    if (bad[passed] === row) passed++
    else good[row - passed] = row
  }
  if (outOfOrder === 0) return good
  for (let at = 1; at < good.length && !newestFirst; at++)
    if (time[good[at]!]! < time[good[at - 1]!]!)
      repaired.add(numbers[good[at]!]!, 'it came after a later row: sorted in')
  return good.sort((a, b) => time[a]! - time[b]! || a - b)
}

function sameValues(rows: RawRows, a: number, b: number): boolean {
  const { open, high, low, close, volume } = rows.values
  return (
    open[a] === open[b] && high[a] === high[b] && low[a] === low[b] && close[a] === close[b] && volume[a] === volume[b]
  )
}
