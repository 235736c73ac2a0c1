import { badInput } from '../domain/errors.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import { CandleFrame } from './candle-frame.ts'
import type { FrameColumn } from './frame-column.ts'
import { viewOf, type CandleColumn, type FrameView } from './frame-view.ts'
import { resampleFrame, type ResampleOptions } from './resample-frame.ts'

/** A table that has the columns of candles, among others perhaps. */
export interface CandleTable {
  readonly length: number
  readonly time: FrameColumn
  readonly timeframe: Timeframe | undefined
  // A property, so that a table without these columns does not fit.
  readonly column: (name: CandleColumn) => FrameColumn
  marksAt(row: number): number
}

/**
 * Candles of a higher timeframe, as the exchange itself would have them: a bar without volume has no price of its own.
 * Bars that lack some of their children are marked (`isPartial`); a last bar that is not complete is left out unless
 * it is asked for.
 * @throws bad input when the table has no timeframe, or the one is not made of whole bars of the other.
 */
export function resample(frame: CandleTable, timeframe: Timeframe, options: ResampleOptions = {}): FrameView {
  if (frame.timeframe === undefined)
    throw badInput('a table without a timeframe cannot be resampled', {
      hint: 'give the timeframe of its rows when the table is made',
    })
  return viewOf(resampleFrame(candlesOf(frame), frame.timeframe, timeframe, options), timeframe)
}

/** A row that lacks a value is a missing bar. */
function candlesOf(frame: CandleTable): CandleFrame {
  const candles = new CandleFrame(frame.length)
  const time = frame.time.values()
  const open = frame.column('open').values()
  const high = frame.column('high').values()
  const low = frame.column('low').values()
  const close = frame.column('close').values()
  const volume = frame.column('volume').values()
  for (let row = 0; row < frame.length; row++) {
    const sum = open[row]! + high[row]! + low[row]! + close[row]! + volume[row]!
    if (Number.isNaN(sum)) continue
    candles.append(time[row]!, open[row]!, high[row]!, low[row]!, close[row]!, volume[row]!, frame.marksAt(row))
  }
  return candles
}
