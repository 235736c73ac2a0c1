import { badInput } from '../domain/errors.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { FrameColumn } from './frame-column.ts'
import { checkMemory, correlate, type CorrelateOptions, type CorrelationMatrix } from './correlation.ts'
import type { FrameView } from './frame-view.ts'
import { gridRows, onGrid } from './on-grid.ts'

export interface CorrelateFramesOptions extends CorrelateOptions {
  /** What is compared of a column. Without it its logarithmic returns: prices that merely both rise would look alike. */
  readonly change?: (column: FrameColumn) => FrameColumn
}

export interface FrameCorrelation {
  readonly names: readonly string[]
  readonly timeframe: Timeframe
  /** Open times of the first and last bar of all series together, UTC ms. */
  readonly from: number
  readonly to: number
  /** Bars between the two, missing ones included. */
  readonly rows: number
  /** In the order of the names. */
  readonly matrix: CorrelationMatrix
}

/**
 * How a column of each table goes with that of each other one, bar by bar. The tables need not begin, end or have gaps
 * together: each pair is compared over the bars that both have, and a return over a gap is no value.
 *
 *     const { names, matrix } = await correlateFrames({ btc, eth, ada }, 'close')
 *     matrix.at(0, 1)
 *
 * @throws bad input when tables are of different timeframes, or empty, or take more memory than they may.
 */
export async function correlateFrames<N extends string>(
  frames: Readonly<Record<string, FrameView<N>>>,
  column: N,
  { change = values => values.logReturns(), ...options }: CorrelateFramesOptions = {},
): Promise<FrameCorrelation> {
  const entries = Object.entries(frames)
  const timeframe = commonTimeframe(entries)
  const from = entries.reduce((first, [, { time }]) => Math.min(first, time.at(0)), Infinity)
  const to = entries.reduce((last, [, { time }]) => Math.max(last, time.last), -Infinity)
  const grid = { timeframe, from, to }
  const rows = gridRows(grid)
  checkMemory(entries.length, rows, options.memoryMaxMb)
  const lanes = entries.map(([, frame]) => change(onGrid(frame.select(column), grid).column(column)).values())
  return { names: entries.map(([name]) => name), ...grid, rows, matrix: await correlate(lanes, options) }
}

function commonTimeframe<N extends string>(entries: readonly (readonly [string, FrameView<N>])[]): Timeframe {
  const [first, ...others] = entries
  if (!first) throw badInput('there are no tables to compare')
  const [firstName, { timeframe }] = first
  if (timeframe === undefined) throw badInput(`the table "${firstName}" has no timeframe`, { hint: 'give it one' })
  const other = others.find(([, frame]) => frame.timeframe !== timeframe)
  if (other)
    throw badInput(`"${firstName}" has ${timeframe} bars and "${other[0]}" ${other[1].timeframe ?? 'no timeframe'}`, {
      hint: 'resample them to one timeframe first',
    })
  const empty = entries.find(([, frame]) => frame.length === 0)
  if (empty) throw badInput(`"${empty[0]}" has no rows`)
  return timeframe
}
