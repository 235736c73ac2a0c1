import type { Candle } from '../../../src/domain/candle.ts'
import type { ParamValue } from '../../../src/domain/param.ts'

/**
 * Every output by the formula alone, over candles none of which is missing: slow, and written to be checked by eye.
 * NaN where there is no value.
 */
export type Oracle = (
  candles: readonly Candle[],
  params: Readonly<Record<string, ParamValue>>,
) => Readonly<Record<string, readonly number[]>>

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const mean = (values: readonly number[]): number => sum(values) / values.length

/** An oracle and, where it is not the value itself, what 1e-9 is relative to, by row. */
export interface Reference {
  readonly values: Oracle
  /** A difference near 0 has the digits of what it is the difference of. */
  readonly scale?: (...given: Parameters<Oracle>) => readonly number[]
}

/** The last `count` values up to a row; undefined while there are fewer. */
export function window<T>(values: readonly T[], row: number, count: number): readonly T[] | undefined {
  return row < count - 1 ? undefined : values.slice(row - count + 1, row + 1)
}

/** `average = average × (1 − weight) + value × weight`, from the mean of the first `seed` values that are not NaN on. */
export function smoothed(values: readonly number[], weight: number, seed: number): number[] {
  const first = values.findIndex(value => !Number.isNaN(value))
  const result = values.map(() => Number.NaN)
  if (first < 0) return result
  for (let row = first + seed - 1; row < values.length; row++)
    result[row] =
      row === first + seed - 1
        ? mean(values.slice(first, row + 1))
        : result[row - 1]! * (1 - weight) + values[row]! * weight
  return result
}

export const emaOf = (values: readonly number[], period: number, seed = period): number[] =>
  smoothed(values, 2 / (period + 1), seed)
export const wilderOf = (values: readonly number[], period: number): number[] => smoothed(values, 1 / period, period)

/** The greatest of three distances; at the first row NaN, or high less low. */
export function trueRanges(candles: readonly Candle[], start: ParamValue | undefined): number[] {
  return candles.map(({ high, low }, row) => {
    const before = candles[row - 1]?.close
    if (before === undefined) return start === 'first' ? high - low : Number.NaN
    return Math.max(high - low, Math.abs(high - before), Math.abs(low - before))
  })
}

/** Means over a window that holds no NaN. */
export function means(values: readonly number[], count: number): number[] {
  return values.map((_, row) => mean(window(values, row, count) ?? [Number.NaN]))
}

/** Means weighted by 1 (oldest) to `count` (newest). */
export function weighted(values: readonly number[], count: number): number[] {
  return values.map((_, row) => {
    const known = window(values, row, count)
    if (known === undefined) return Number.NaN
    return sum(known.map((value, index) => (index + 1) * value)) / sum(known.map((_, index) => index + 1))
  })
}

/** Moves from row to row; none at the first. */
export function changes(values: readonly number[]): number[] {
  return values.map((value, row) => value - (values[row - 1] ?? Number.NaN))
}

/** EMAs one of another, by the first close, by means of each, or all by the mean of the first closes. */
export function cascade(
  candles: readonly Candle[],
  depth: number,
  period: number,
  seed: ParamValue | undefined,
): number[][] {
  const stages: number[][] = []
  let values = candles.map(({ close }) => close)
  for (let stage = 0; stage < depth; stage++) {
    const isOwnMean = seed === 'chained' || (seed === 'sma' && stage === 0)
    const average = emaOf(values, period, isOwnMean ? period : 1)
    const first = average.findIndex(value => !Number.isNaN(value))
    const given = first + (seed === 'first-chained' ? period - 1 : 0)
    values = average.map((value, row) => (row < given ? Number.NaN : value))
    stages.push(values)
  }
  return stages
}

/** A fast and a slow EMA, from the row on at which the slow one has the mean of its first closes. */
export function pairOf(
  candles: readonly Candle[],
  fast: number,
  slow: number,
  seed: ParamValue | undefined,
): { readonly fast: readonly number[]; readonly slow: readonly number[] } {
  const closes = candles.map(({ close }) => close)
  const late = closes.map((close, row) => (row < slow - fast ? Number.NaN : close))
  const fasts = seed === 'first' ? emaOf(closes, fast, 1) : emaOf(seed === 'aligned' ? late : closes, fast)
  const slows = emaOf(closes, slow, seed === 'first' ? 1 : slow)
  const from = (values: readonly number[]): number[] =>
    values.map((value, row) => (row < slow - 1 ? Number.NaN : value))
  return { fast: from(fasts), slow: from(slows) }
}

/** Where closes stand in the range of the last rows, in percent. */
export function positions(
  candles: readonly Pick<Candle, 'high' | 'low' | 'close'>[],
  period: number,
  flat: ParamValue | undefined,
  smallest = 0,
): number[] {
  return candles.map(({ close }, row) => {
    const known = window(candles, row, period)
    if (known === undefined) return Number.NaN
    const top = Math.max(...known.map(({ high }) => high))
    const bottom = Math.min(...known.map(({ low }) => low))
    if (top - bottom <= smallest) return flat === 'empty' ? Number.NaN : Number(flat)
    return (100 * (close - bottom)) / (top - bottom)
  })
}
