import { durationMs, nests, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from './candle-frame.ts'
import { resampleFrame } from './resample-frame.ts'

const HOUR_MS = 3_600_000
/** Clocks of the world are up to 14 hours apart; a day more catches a wrong date. */
const SHIFT_MAX_MS = 26 * HOUR_MS
/** Time zones differ by quarters of hours; what is shorter is an open time mistaken for a close, or a few bars. */
const ZONE_STEP_MS = HOUR_MS / 4
const NEAR_BARS = 5
/** So many rows tell how two series lie to each other. */
const ROWS_MAX = 20_000
const ROWS_MIN = 50
/** Moves that agree so well are those of one market; two exchanges agree at some 0.9 on bars of an hour. */
const SAME_MARKET = 0.8

/** How two sources of one market agree. */
export interface Comparison {
  /** What both were brought to. */
  readonly timeframe: Timeframe
  /** Bars of which both have a candle. */
  readonly common: number
  /** Of these, how many have the same open, high, low and close. */
  readonly equal: number
  /** Correlation of their moves from close to close, as they stand; null when too few are common. */
  readonly correlation: number | null
  /**
   * By how much the times of the second lie behind those of the first, when that is what sets them apart: moved back by
   * it, their moves agree. 0 when they agree as they stand, null when they agree nowhere.
   */
  readonly shiftMs: number | null
}

/**
 * Compares two sources of one market, the finer one brought to the other's timeframe.
 * @returns undefined when the one timeframe is not made of whole bars of the other.
 */
export function compareFrames(
  a: { readonly timeframe: Timeframe; readonly frame: CandleFrame },
  b: { readonly timeframe: Timeframe; readonly frame: CandleFrame },
): Comparison | undefined {
  const timeframe = durationMs(a.timeframe) >= durationMs(b.timeframe) ? a.timeframe : b.timeframe
  for (const one of [a, b]) if (one.timeframe !== timeframe && !nests(one.timeframe, timeframe)) return undefined
  const [first, second] = [a, b].map(one => resampleFrame(one.frame, one.timeframe, timeframe)) as [
    CandleFrame,
    CandleFrame,
  ]
  const { common, equal } = countCommon(first, second)
  const asTheyStand = agreement(first, second, 0)
  const shiftMs = asTheyStand !== null && asTheyStand >= SAME_MARKET ? 0 : findShift(first, second, timeframe)
  return { timeframe, common, equal, correlation: asTheyStand, shiftMs }
}

function findShift(a: CandleFrame, b: CandleFrame, timeframe: Timeframe): number | null {
  const barMs = durationMs(timeframe)
  let best: number | null = null
  let bestAgreement = SAME_MARKET
  for (const shiftMs of shifts(barMs)) {
    const found = agreement(a, b, shiftMs)
    if (found === null || found <= bestAgreement) continue
    best = shiftMs
    bestAgreement = found
  }
  return best
}

/** Whole bars only: the rows of both lie on bars. */
function shifts(barMs: number): readonly number[] {
  const stepMs = Math.max(barMs, Math.ceil(ZONE_STEP_MS / barMs) * barMs)
  const all = new Set<number>()
  for (let bars = 1; bars <= NEAR_BARS; bars++) for (const sign of [1, -1]) all.add(sign * bars * barMs)
  for (let shiftMs = stepMs; shiftMs <= SHIFT_MAX_MS; shiftMs += stepMs)
    for (const sign of [1, -1]) all.add(sign * shiftMs)
  return [...all]
}

function countCommon(a: CandleFrame, b: CandleFrame): { common: number; equal: number } {
  let common = 0
  let equal = 0
  forEachPair(a, b, 0, a.length, (rowA, rowB) => {
    common++
    if (
      a.open.values[rowA] === b.open.values[rowB] &&
      a.high.values[rowA] === b.high.values[rowB] &&
      a.low.values[rowA] === b.low.values[rowB] &&
      a.close.values[rowA] === b.close.values[rowB]
    )
      equal++
  })
  return { common, equal }
}

/** Correlation of the moves of both, with the second's times moved back by `shiftMs`; null for too few or flat ones. */
function agreement(a: CandleFrame, b: CandleFrame, shiftMs: number): number | null {
  const from = a.firstRowFrom(b.timeAt(0) - shiftMs)
  let count = 0
  let [sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0]
  let before: readonly [number, number] | undefined
  forEachPair(a, b, shiftMs, Math.min(a.length, from + ROWS_MAX), (rowA, rowB) => {
    if (before?.[0] === rowA - 1 && before[1] === rowB - 1) {
      const x = Math.log(a.close.values[rowA]! / a.close.values[rowA - 1]!)
      const y = Math.log(b.close.values[rowB]! / b.close.values[rowB - 1]!)
      count++
      sumX += x
      sumY += y
      sumXX += x * x
      sumYY += y * y
      sumXY += x * y
    }
    before = [rowA, rowB]
  })
  if (count < ROWS_MIN) return null
  const scale = Math.sqrt((count * sumXX - sumX * sumX) * (count * sumYY - sumY * sumY))
  return scale > 0 ? (count * sumXY - sumX * sumY) / scale : null
}

function forEachPair(
  a: CandleFrame,
  b: CandleFrame,
  shiftMs: number,
  toA: number,
  onPair: (rowA: number, rowB: number) => void,
): void {
  let rowA = a.firstRowFrom(b.timeAt(0) - shiftMs)
  let rowB = b.firstRowFrom(a.timeAt(rowA) + shiftMs)
  while (rowA < toA && rowB < b.length) {
    const difference = a.time.values[rowA]! - (b.time.values[rowB]! - shiftMs)
    if (difference === 0) onPair(rowA++, rowB++)
    else if (difference < 0) rowA++
    else rowB++
  }
}
