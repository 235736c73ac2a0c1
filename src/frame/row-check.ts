import { barOpen, type Timeframe } from '../domain/timeframe.ts'

export type RowDefect =
  'not-a-number' | 'not-positive' | 'high-below-low' | 'outside-range' | 'negative-volume' | 'misaligned'

/** What is wrong with one candle row by itself, or undefined. Every door into a frame asks this. */
export function rowDefect(
  timeframe: Timeframe,
  time: number,
  open: number,
  high: number,
  low: number,
  close: number,
  volume: number,
): RowDefect | undefined {
  // One test for six values: a sum is NaN or infinite when any part is (or so large that it is no candle).
  if (!Number.isFinite(time + open + high + low + close + volume)) return 'not-a-number'
  if (!(open > 0 && high > 0 && low > 0 && close > 0)) return 'not-positive'
  if (high < low) return 'high-below-low'
  if (open > high || close > high || open < low || close < low) return 'outside-range'
  if (volume < 0) return 'negative-volume'
  if (!Number.isInteger(time) || barOpen(timeframe, time) !== time) return 'misaligned'
  return undefined
}

const WORDS: Readonly<Record<RowDefect, string>> = {
  'not-a-number': 'a value is missing or not a finite number',
  'not-positive': 'a price is zero or negative',
  'high-below-low': 'the high is below the low',
  'outside-range': 'open or close lies outside high and low',
  'negative-volume': 'the volume is negative',
  misaligned: 'the open time does not fall on a bar of the timeframe',
}

export function describeDefect(defect: RowDefect): string {
  return WORDS[defect]
}
