import { barOpen, barsBefore, barsBetween, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'

/** Bars that open in `[from, to)`; both are open times, UTC ms. */
export interface BarRange {
  readonly from: number
  readonly to: number
}

/** Ascending ranges, those that touch or overlap made one: a gap does not end where a page did. */
export function joinRanges(ranges: readonly BarRange[]): BarRange[] {
  const found: BarRange[] = []
  for (const range of ranges) {
    const last = found.at(-1)
    if (last && range.from <= last.to) found[found.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
    else found.push(range)
  }
  return found
}

/** What of ascending, separate ranges lies outside of other ascending, separate ranges. */
export function withoutRanges(ranges: readonly BarRange[], others: readonly BarRange[]): BarRange[] {
  const left: BarRange[] = []
  let next = 0
  for (const { from, to } of ranges) {
    let start = from
    while (next < others.length && (others[next]?.to ?? 0) <= start) next++
    for (let at = next; at < others.length && start < to; at++) {
      const other = others[at]
      if (!other || other.from >= to) break
      if (other.from > start) left.push({ from: start, to: other.from })
      start = Math.max(start, other.to)
    }
    if (start < to) left.push({ from: start, to })
  }
  return left
}

/** Runs of bars in a range that are not in the frame, leaving out those that `skip` names. */
export function absentBars(
  timeframe: Timeframe,
  frame: CandleFrame,
  { from, to }: BarRange,
  skip: (open: number) => boolean,
): BarRange[] {
  const found: BarRange[] = []
  let row = frame.firstRowFrom(from)
  let start = Number.NaN
  for (let open = from; open < to; open = nextBarOpen(timeframe, open)) {
    const there = frame.timeAt(row) === open
    if (there) row++
    if (there || skip(open)) {
      if (!Number.isNaN(start)) found.push({ from: start, to: open })
      start = Number.NaN
    } else if (Number.isNaN(start)) start = open
  }
  if (!Number.isNaN(start)) found.push({ from: start, to })
  return found
}

/** Cuts a range into pages of at most `rowsMax` bars. */
export function* pagesOf(timeframe: Timeframe, { from, to }: BarRange, rowsMax: number): Generator<BarRange> {
  for (let start = from; start < to;) {
    const end = Math.min(to, barsBefore(timeframe, start, -rowsMax))
    yield { from: start, to: end }
    start = end
  }
}

export function barsIn(timeframe: Timeframe, ranges: readonly BarRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + barsBetween(timeframe, from, to), 0)
}

/** The first bar that does not open before `timeMs`. */
export function firstOpenFrom(timeframe: Timeframe, timeMs: number): number {
  const open = barOpen(timeframe, timeMs)
  return open === timeMs ? open : nextBarOpen(timeframe, open)
}
