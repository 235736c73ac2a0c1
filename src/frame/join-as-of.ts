import { badInput } from '../domain/errors.ts'
import { nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { FrameColumn } from './frame-column.ts'
import type { FrameView } from './frame-view.ts'

export interface JoinOptions {
  /** How old the other table's row may be when it is known, ms; an older one gives no value. Without it: any age. */
  readonly ageMaxMs?: number | undefined
}

/**
 * Beside each row, the other table's newest row that was known by then. A bar is known when it has closed, so a 4h bar
 * stands beside the 1h bar that ends with it and those that follow, never beside those it was made of; a row that stands
 * for a moment is known at that moment.
 *
 *     const both = joinAsOf(hours, fourHours.select('close'), '4h.')   // both.column('4h.close')
 *
 * @param prefix put before the other table's column names. @throws bad input when names collide.
 */
export function joinAsOf<N extends string, M extends string, P extends string = ''>(
  frame: FrameView<N>,
  other: FrameView<M>,
  prefix: P = '' as P,
  { ageMaxMs = Infinity }: JoinOptions = {},
): FrameView<N | `${P}${M}`> {
  const rows = rowsKnown(frame, other, ageMaxMs)
  let joined = frame as unknown as FrameView<N | `${P}${M}`>
  for (const name of other.names) {
    const joinedName: `${P}${M}` = `${prefix}${name}`
    if ((joined.names as readonly string[]).includes(joinedName))
      throw badInput(`both tables have a column "${joinedName}"`, { hint: 'give a prefix for the names of the second' })
    joined = joined.with(joinedName, gather(other.column(name), rows))
  }
  return joined
}

/** For each row the other's row, or −1. One pass over both. */
function rowsKnown<N extends string, M extends string>(
  frame: FrameView<N>,
  other: FrameView<M>,
  ageMaxMs: number,
): Int32Array {
  const rows = new Int32Array(frame.length)
  const times = frame.time.values()
  const known = other.time.map(time => knownAt(time, other.timeframe)).values()
  let next = 0
  for (let row = 0; row < rows.length; row++) {
    const now = knownAt(times[row]!, frame.timeframe)
    while (next < known.length && known[next]! <= now) next++
    rows[row] = next > 0 && now - known[next - 1]! <= ageMaxMs ? next - 1 : -1
  }
  return rows
}

function knownAt(time: number, timeframe: Timeframe | undefined): number {
  return timeframe === undefined ? time : nextBarOpen(timeframe, time)
}

function gather(column: FrameColumn, rows: Int32Array): FrameColumn {
  const values = column.values()
  const gathered = new Float64Array(rows.length)
  for (let row = 0; row < gathered.length; row++) gathered[row] = rows[row]! < 0 ? Number.NaN : values[rows[row]!]!
  return FrameColumn.of(gathered)
}
