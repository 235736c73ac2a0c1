import { handSma } from './hand-loops.ts'
import type { Lanes } from './hand-ranges.ts'

// Yardsticks of momentum. As in hand-loops.ts. Frozen.

export function handRoc(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period)
  for (let row = period; row < values.length; row++) {
    const before = values[row - period]!
    result[row] = (100 * (values[row]! - before)) / before
  }
  return result
}

export function handMomentum(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period)
  for (let row = period; row < values.length; row++) result[row] = values[row]! - values[row - period]!
  return result
}

export function handCmo(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period)
  let way = 0
  for (let row = 1; row < values.length; row++) {
    way += Math.abs(values[row]! - values[row - 1]!)
    if (row > period) way -= Math.abs(values[row - period]! - values[row - period - 1]!)
    if (row >= period) result[row] = (100 * (values[row]! - values[row - period]!)) / way
  }
  return result
}

export function handTsi(values: Float64Array, long: number, short: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, 1)
  const longWeight = 2 / (long + 1)
  const shortWeight = 2 / (short + 1)
  const longKeep = 1 - longWeight
  const shortKeep = 1 - shortWeight
  let [change, changes, size, sizes] = [0, 0, 0, 0]
  for (let row = 1; row < values.length; row++) {
    const difference = values[row]! - values[row - 1]!
    change = change * longKeep + difference * longWeight
    changes = changes * shortKeep + change * shortWeight
    size = size * longKeep + Math.abs(difference) * longWeight
    sizes = sizes * shortKeep + size * shortWeight
    result[row] = (100 * changes) / sizes
  }
  return result
}

/** @returns ppo, signal, histogram. */
export function handPpo(values: Float64Array, fast: number, slow: number, signal: number): readonly Float64Array[] {
  const [ppos, signals, histograms] = [0, 1, 2].map(() => new Float64Array(values.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const [fastWeight, slowWeight, signalWeight] = [2 / (fast + 1), 2 / (slow + 1), 2 / (signal + 1)] as const
  const [fastKeep, slowKeep, signalKeep] = [1 - fastWeight, 1 - slowWeight, 1 - signalWeight] as const
  let a = values[0]!
  let b = a
  let smoothed = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    a = a * fastKeep + value * fastWeight
    b = b * slowKeep + value * slowWeight
    const ppo = (100 * (a - b)) / b
    smoothed = smoothed * signalKeep + ppo * signalWeight
    ppos[row] = ppo
    signals[row] = smoothed
    histograms[row] = ppo - smoothed
  }
  return [ppos, signals, histograms]
}

export function handCci({ high, low, close }: Lanes, period: number): Float64Array {
  const length = close.length
  const typical = new Float64Array(length)
  for (let row = 0; row < length; row++) typical[row] = (high[row]! + low[row]! + close[row]!) / 3
  const result = new Float64Array(length).fill(Number.NaN, 0, period - 1)
  let sum = 0
  for (let row = 0; row < length; row++) {
    sum += typical[row]!
    if (row >= period) sum -= typical[row - period]!
    if (row < period - 1) continue
    const mean = sum / period
    let deviation = 0
    for (let back = 0; back < period; back++) deviation += Math.abs(typical[row - back]! - mean)
    result[row] = (typical[row]! - mean) / ((0.015 * deviation) / period)
  }
  return result
}

export function handAwesome({ high, low }: Lanes, fast: number, slow: number): Float64Array {
  const length = high.length
  const middle = new Float64Array(length)
  const result = new Float64Array(length).fill(Number.NaN, 0, slow - 1)
  let [short, long] = [0, 0]
  for (let row = 0; row < length; row++) {
    const value = (high[row]! + low[row]!) / 2
    middle[row] = value
    short += value
    long += value
    if (row >= fast) short -= middle[row - fast]!
    if (row >= slow) long -= middle[row - slow]!
    if (row >= slow - 1) result[row] = short / fast - long / slow
  }
  return result
}

export function handUltimate({ high, low, close }: Lanes, short: number, medium: number, long: number): Float64Array {
  const length = close.length
  const pressure = new Float64Array(length)
  const range = new Float64Array(length)
  const result = new Float64Array(length).fill(Number.NaN, 0, long)
  let [p1, p2, p3, r1, r2, r3] = [0, 0, 0, 0, 0, 0]
  for (let row = 1; row < length; row++) {
    const before = close[row - 1]!
    const bottom = low[row]! < before ? low[row]! : before
    const top = high[row]! > before ? high[row]! : before
    const buying = close[row]! - bottom
    const span = top - bottom
    pressure[row] = buying
    range[row] = span
    p1 += buying
    p2 += buying
    p3 += buying
    r1 += span
    r2 += span
    r3 += span
    if (row > short) {
      p1 -= pressure[row - short]!
      r1 -= range[row - short]!
    }
    if (row > medium) {
      p2 -= pressure[row - medium]!
      r2 -= range[row - medium]!
    }
    if (row > long) {
      p3 -= pressure[row - long]!
      r3 -= range[row - long]!
    }
    if (row >= long) result[row] = (100 * ((4 * p1) / r1 + (2 * p2) / r2 + p3 / r3)) / 7
  }
  return result
}

/** Greatest of the last `period` values; looks through the window again only when the greatest has left it. */
export function handHighest(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  let at = 0
  let best = -Infinity
  for (let row = 0; row < values.length; row++) {
    if (values[row]! >= best) {
      best = values[row]!
      at = row
    } else if (at <= row - period) {
      best = -Infinity
      for (let next = row - period + 1; next <= row; next++)
        if (values[next]! >= best) {
          best = values[next]!
          at = next
        }
    }
    if (row >= period - 1) result[row] = best
  }
  return result
}

export function handLowest(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  let at = 0
  let best = Infinity
  for (let row = 0; row < values.length; row++) {
    if (values[row]! <= best) {
      best = values[row]!
      at = row
    } else if (at <= row - period) {
      best = Infinity
      for (let next = row - period + 1; next <= row; next++)
        if (values[next]! <= best) {
          best = values[next]!
          at = next
        }
    }
    if (row >= period - 1) result[row] = best
  }
  return result
}

export function handWilliamsR({ high, low, close }: Lanes, period: number): Float64Array {
  const result = handHighest(high, period)
  const bottom = handLowest(low, period)
  for (let row = period - 1; row < close.length; row++)
    result[row] = (-100 * (result[row]! - close[row]!)) / (result[row]! - bottom[row]!)
  return result
}

/** @returns k, d. */
export function handStochastic(
  { high, low, close }: Lanes,
  period: number,
  smooth: number,
  signal: number,
): readonly Float64Array[] {
  const raw = handHighest(high, period)
  const bottom = handLowest(low, period)
  for (let row = period - 1; row < close.length; row++)
    raw[row] = (100 * (close[row]! - bottom[row]!)) / (raw[row]! - bottom[row]!)
  const k = handMeanFrom(raw, smooth, period - 1)
  return [k, handMeanFrom(k, signal, period + smooth - 2)]
}

/** A running mean of what has values from a row on. */
export function handMeanFrom(values: Float64Array, period: number, from: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, from)
  result.set(handSma(values.subarray(from), period), from)
  return result
}
