import { retryLater } from '../domain/errors.ts'
import { durationMs, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { rowDefect, type RowDefect } from '../frame/row-check.ts'

/**
 * What can be wrong with a row of an answer. `out-of-order` rows are good rows in the wrong place: they are sorted in.
 * Of two rows with one open time the first counts: the other is a `duplicate`, or `conflicting` when its values differ.
 * All others are refused.
 */
export type BoundaryDefect =
  RowDefect | 'not-a-row' | 'before-since' | 'in-the-future' | 'out-of-order' | 'duplicate' | 'conflicting'

export interface DefectiveRow {
  /** Index in the answer. */
  readonly position: number
  readonly defect: BoundaryDefect
  /** NaN when the row does not say. */
  readonly openTime: number
}

/** A bar that has not closed. Its open is the one value of it that is final, once somebody has traded. */
export interface FormingOpen {
  readonly openTime: number
  readonly open: number
}

export interface CheckedRows {
  /** Closed rows: ascending, one per open time, none before `since`. */
  readonly closed: CandleFrame
  readonly forming: FormingOpen | undefined
  readonly defects: readonly DefectiveRow[]
}

export interface BoundaryOptions {
  readonly timeframe: Timeframe
  /** Open time of the first row that was asked for. */
  readonly since: number
  /** The exchange's time when the request was sent: what had closed by then is closed in any answer. UTC ms. */
  readonly exchangeTime: number
  /** A bar counts as closed only so long after its end, so that a small clock error lets no forming candle in. */
  readonly closeMarginMs: number
}

/**
 * The only door through which an exchange's rows enter: bad rows are left out and told, one by one, by position.
 * @throws retry-later when the body is no list of rows, or when not one row of it is readable.
 */
export function checkRows(rows: unknown, options: BoundaryOptions): CheckedRows {
  if (!Array.isArray(rows)) throw garbage(`the answer is ${rows === null ? 'null' : typeof rows}, not a list of rows`)
  const defects: DefectiveRow[] = []
  const good = readableRows(rows, options.timeframe, defects)
  if (rows.length > 0 && good.length === 0) throw garbage(`none of the ${rows.length} rows is a candle`)
  sortIn(good, defects)
  return { ...part(good, options, defects), defects }
}

interface ReadRow {
  readonly position: number
  /** Open time and five values. */
  readonly values: readonly [number, number, number, number, number, number]
}

function readableRows(rows: readonly unknown[], timeframe: Timeframe, defects: DefectiveRow[]): ReadRow[] {
  const good: ReadRow[] = []
  for (let position = 0; position < rows.length; position++) {
    const row = rows[position]
    if (!Array.isArray(row) || row.length < 6) {
      defects.push({ position, defect: 'not-a-row', openTime: Number.NaN })
      continue
    }
    const values = [num(row[0]), num(row[1]), num(row[2]), num(row[3]), num(row[4]), num(row[5])] as const
    const defect = rowDefect(timeframe, ...values)
    if (defect === undefined) good.push({ position, values })
    else defects.push({ position, defect, openTime: values[0] })
  }
  return good
}

function num(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}

/** Brings rows into ascending order; an exchange that answers newest first is odd, not wrong. */
function sortIn(rows: ReadRow[], defects: DefectiveRow[]): void {
  let highest = Number.NEGATIVE_INFINITY
  let sorted = true
  for (const { position, values } of rows) {
    if (values[0] < highest) {
      sorted = false
      defects.push({ position, defect: 'out-of-order', openTime: values[0] })
    } else highest = values[0]
  }
  if (!sorted) rows.sort((a, b) => a.values[0] - b.values[0] || a.position - b.position)
}

function part(rows: readonly ReadRow[], options: BoundaryOptions, defects: DefectiveRow[]) {
  const { timeframe, since, exchangeTime, closeMarginMs } = options
  const closedBy = exchangeTime - closeMarginMs
  const farthest = exchangeTime + durationMs(timeframe)
  const closed = new CandleFrame(rows.length)
  let previous: ReadRow | undefined
  let firstUnclosed: ReadRow | undefined
  for (const row of rows) {
    const [openTime, open, high, low, close, volume] = row.values
    const refuse = (defect: BoundaryDefect): unknown => defects.push({ position: row.position, defect, openTime })
    if (openTime < since) refuse('before-since')
    else if (openTime > farthest) refuse('in-the-future')
    else if (previous?.values[0] === openTime) refuse(sameValues(previous, row) ? 'duplicate' : 'conflicting')
    else {
      previous = row
      if (nextBarOpen(timeframe, openTime) <= closedBy) closed.append(openTime, open, high, low, close, volume)
      else firstUnclosed ??= row
    }
  }
  return { closed, forming: firstUnclosed && formingOpen(firstUnclosed) }
}

function sameValues(a: ReadRow, b: ReadRow): boolean {
  return a.values.every((value, index) => value === b.values[index])
}

/** Before its first trade a bar shows the close of the bar before: that is not its open. */
function formingOpen({ values: [openTime, open, , , , volume] }: ReadRow): FormingOpen | undefined {
  return volume > 0 ? { openTime, open } : undefined
}

function garbage(what: string): Error {
  return retryLater(`unusable candle answer: ${what}`, {
    hint: 'it is asked again; if it stays so, a proxy or an error page may be answering in place of the exchange',
  })
}
