import { badInput } from '../domain/errors.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'

export interface CachedIndicatorOptions {
  /** Sets of parameters whose results are kept per frame, those used longest ago go first. Default 16. */
  readonly maxSets?: number
}

/** How well the results of a function are reused. */
export interface CachedIndicatorMetrics {
  readonly hits: number
  readonly misses: number
  /** Hits over calls; NaN before the first. */
  readonly hitRate: number
}

/** A function over a candle frame that is computed once per frame, set of parameters and newest closed candle. */
export interface CachedIndicator<P extends readonly unknown[], R> {
  (frame: CandleFrame, ...params: P): R
  metrics(): CachedIndicatorMetrics
  /** Forgets what was computed over a frame: after its rows were changed in place. */
  invalidate(frame: CandleFrame): void
}

interface Kept<R> {
  /** What the frame ended with when it was computed. */
  readonly rows: number
  readonly lastTime: number
  readonly result: R
}

const MAX_SETS = 16

/**
 * Makes a function of one's own over a candle frame remember its results until the next candle closes:
 *
 *     const spread = cachedIndicator((frame, period: number) => mySpread(frame.high.values, frame.low.values, period))
 *     spread(frame, 20) // computed
 *     spread(frame, 20) // the same result again
 *
 * The function computes over the whole frame at each new candle. What is to advance by one row, be shared between
 * strategies as a column, and be checked for causality is better a fold: see `defineIndicator`.
 * @param fn pure; what it returns is handed out again and must not be changed.
 * @throws bad input at the call, for parameters that are not plain data.
 */
export function cachedIndicator<P extends readonly unknown[], R>(
  fn: (frame: CandleFrame, ...params: P) => R,
  { maxSets = MAX_SETS }: CachedIndicatorOptions = {},
): CachedIndicator<P, R> {
  if (!(Number.isInteger(maxSets) && maxSets >= 1))
    throw badInput(`cachedIndicator: maxSets is ${maxSets}`, { hint: 'it must be a whole number, 1 or more' })
  const byFrame = new WeakMap<CandleFrame, Map<string, Kept<R>>>()
  let hits = 0
  let misses = 0

  function cached(frame: CandleFrame, ...params: P): R {
    const key = keyOf(params)
    const sets = byFrame.get(frame) ?? new Map<string, Kept<R>>()
    byFrame.set(frame, sets)
    const known = sets.get(key)
    sets.delete(key)
    if (known !== undefined && known.rows === frame.length && Object.is(known.lastTime, frame.lastTime)) {
      hits++
      sets.set(key, known)
      return known.result
    }
    misses++
    const result = fn(frame, ...params)
    sets.set(key, { rows: frame.length, lastTime: frame.lastTime, result })
    for (const oldest of sets.keys()) {
      if (sets.size <= maxSets) break
      sets.delete(oldest)
    }
    return result
  }

  return Object.assign(cached, {
    metrics: () => ({ hits, misses, hitRate: hits / (hits + misses) }),
    invalidate: (frame: CandleFrame) => void byFrame.delete(frame),
  })
}

/** Not JSON, to which NaN, null and undefined are one, and a function nothing at all. */
function keyOf(params: readonly unknown[]): string {
  return params.map(keyOfValue).join(',')
}

function keyOfValue(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || value === undefined)
    return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return `[${value.map(keyOfValue).join(',')}]`
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${keyOfValue(item)}`).join(',')}}`
  }
  throw badInput(`cachedIndicator: a parameter is ${describe(value)}, by which no result can be found again`, {
    hint: 'parameters are numbers, text, booleans, and arrays or plain objects of them',
  })
}

function describe(value: unknown): string {
  return typeof value === 'function' ? 'a function' : `a ${(value as object).constructor?.name ?? typeof value}`
}
