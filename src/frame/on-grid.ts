import { badInput } from '../domain/errors.ts'
import { barOpen, barsBetween, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { FrameColumn } from './frame-column.ts'
import { table, type FrameView } from './frame-view.ts'

/** Bars from one open time to another, both included. */
export interface Grid {
  readonly timeframe: Timeframe
  readonly from: number
  readonly to: number
}

/** How many bars a grid has. */
export function gridRows({ timeframe, from, to }: Grid): number {
  return Math.max(0, barsBetween(timeframe, from, nextBarOpen(timeframe, to)))
}

/**
 * One row for each bar of the timeframe, missing ones with NaN: then "the row before" is the bar before, and a return
 * over a gap is no value instead of a wrong one. Marks are not kept. A table without a gap is given back as it is.
 * @param grid the bars to stand on; without it those from the table's first to its last.
 * @throws bad input when the table has no timeframe, or a row is no bar of it.
 */
export function onGrid<N extends string>(frame: FrameView<N>, grid?: Grid): FrameView<N> {
  const { timeframe } = frame
  if (timeframe === undefined)
    throw badInput('a table without a timeframe has no bars that could be missing', {
      hint: 'give the timeframe when the table is made',
    })
  if (frame.length === 0 && grid === undefined) return frame
  const { from, to } = grid ?? { from: frame.time.at(0), to: frame.time.last }
  const times = gridTimes({ timeframe, from, to })
  if (times.length === frame.length && times[0] === frame.time.at(0) && times.at(-1) === frame.time.last) return frame
  const rows = rowsOn(times, frame.time)
  const columns = Object.fromEntries(frame.names.map(name => [name, scatter(frame.column(name), rows, times.length)]))
  return table(times, columns as Readonly<Record<N, FrameColumn>>, timeframe)
}

function gridTimes({ timeframe, from, to }: Grid): Float64Array {
  const times = new Float64Array(gridRows({ timeframe, from, to }))
  let time = barOpen(timeframe, from)
  for (let row = 0; row < times.length; row++) {
    times[row] = time
    time = nextBarOpen(timeframe, time)
  }
  return times
}

/** For each row of the table its row on the grid, or −1 for those before and behind it. */
function rowsOn(times: Float64Array, time: FrameColumn): Int32Array {
  const open = time.values()
  const rows = new Int32Array(open.length).fill(-1)
  let at = 0
  for (let row = 0; row < rows.length; row++) {
    while (at < times.length && times[at]! < open[row]!) at++
    if (times[at] === open[row]) rows[row] = at
    else if (at > 0 && at < times.length)
      throw badInput(`row ${row}, ${new Date(open[row]!).toISOString()}, is no bar of the table's timeframe`)
  }
  return rows
}

function scatter(column: FrameColumn, rows: Int32Array, length: number): FrameColumn {
  const values = column.values()
  const spread = new Float64Array(length).fill(Number.NaN)
  for (let row = 0; row < rows.length; row++) if (rows[row]! >= 0) spread[rows[row]!] = values[row]!
  return FrameColumn.of(spread)
}
