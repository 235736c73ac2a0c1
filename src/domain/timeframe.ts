import { badInput } from './errors.ts'
import { nearest } from './nearest.ts'

export const TIMEFRAMES = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const

export type Timeframe = (typeof TIMEFRAMES)[number]

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Length of a bar in milliseconds. A month has no fixed length: 30 days stand in where only a scale is wanted. */
const DURATION_MS: Readonly<Record<Timeframe, number>> = {
  '1s': SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
  '1w': 7 * DAY,
  '1M': 30 * DAY,
}

/** 1970-01-01 was a Thursday; weekly bars open on Monday. */
const FIRST_MONDAY_MS = 4 * DAY

export function isTimeframe(text: string): text is Timeframe {
  return Object.hasOwn(DURATION_MS, text)
}

/** Reads a timeframe such as `15m`. @throws bad input, naming the nearest timeframe. */
export function parseTimeframe(text: string): Timeframe {
  if (isTimeframe(text)) return text
  const near = nearest(text, TIMEFRAMES)
  const all = `timeframes are ${TIMEFRAMES.join(' ')}`
  throw badInput(`"${text}" is not a timeframe`, { hint: near ? `did you mean "${near}"? ${all}` : all })
}

/** Nominal length of a bar, in ms (30 days for `1M`). */
export function durationMs(timeframe: Timeframe): number {
  return DURATION_MS[timeframe]
}

/** Open time (UTC ms) of the bar that contains `timeMs`. Weeks open on Monday, months on the 1st. */
export function barOpen(timeframe: Timeframe, timeMs: number): number {
  if (timeframe === '1M') {
    const date = new Date(timeMs)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  }
  const duration = DURATION_MS[timeframe]
  if (timeframe === '1w') return Math.floor((timeMs - FIRST_MONDAY_MS) / duration) * duration + FIRST_MONDAY_MS
  return Math.floor(timeMs / duration) * duration
}

/** Open time of the bar after the one that opens at `openTime`; also that bar's close. */
export function nextBarOpen(timeframe: Timeframe, openTime: number): number {
  if (timeframe === '1M') {
    const date = new Date(openTime)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
  }
  return openTime + DURATION_MS[timeframe]
}

/** Open time `bars` before the bar that opens at `openTime`. */
export function barsBefore(timeframe: Timeframe, openTime: number, bars: number): number {
  if (timeframe === '1M') {
    const date = new Date(openTime)
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - bars, 1)
  }
  return openTime - bars * DURATION_MS[timeframe]
}

/** How many bars open in `[fromOpen, toOpen)`; both must be open times of the timeframe. */
export function barsBetween(timeframe: Timeframe, fromOpen: number, toOpen: number): number {
  if (timeframe !== '1M') return Math.round((toOpen - fromOpen) / DURATION_MS[timeframe])
  const from = new Date(fromOpen)
  const to = new Date(toOpen)
  return (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
}

/** Whether every `higher` bar is made of whole `lower` bars. */
export function nests(lower: Timeframe, higher: Timeframe): boolean {
  if (lower === higher) return false
  if (higher === '1M') return DURATION_MS[lower] <= DAY
  if (lower === '1M') return false
  if (higher === '1w') return DAY % DURATION_MS[lower] === 0
  return DURATION_MS[higher] % DURATION_MS[lower] === 0
}
