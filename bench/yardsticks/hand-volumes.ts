import { handRsi } from './hand-loops.ts'
import { handHighest, handLowest, handMeanFrom } from './hand-oscillators.ts'
import type { Lanes } from './hand-ranges.ts'

// Yardsticks of volumes, of prices of a candle, and of the stochastic of an RSI. As in hand-loops.ts. Frozen.

export function handObv({ close, volume }: Lanes): Float64Array {
  const result = new Float64Array(close.length)
  let sum = 0
  for (let row = 1; row < close.length; row++) {
    if (close[row]! > close[row - 1]!) sum += volume[row]!
    else if (close[row]! < close[row - 1]!) sum -= volume[row]!
    result[row] = sum
  }
  return result
}

export function handVwap({ high, low, close, volume }: Lanes): Float64Array {
  const result = new Float64Array(close.length)
  let [worth, traded] = [0, 0]
  for (let row = 0; row < close.length; row++) {
    worth += ((high[row]! + low[row]! + close[row]!) / 3) * volume[row]!
    traded += volume[row]!
    result[row] = worth / traded
  }
  return result
}

export function handMfi({ high, low, close, volume }: Lanes, period: number): Float64Array {
  const length = close.length
  const flows = new Float64Array(length)
  const result = new Float64Array(length).fill(Number.NaN, 0, period)
  let before = (high[0]! + low[0]! + close[0]!) / 3
  let [positive, negative] = [0, 0]
  for (let row = 1; row < length; row++) {
    const typical = (high[row]! + low[row]! + close[row]!) / 3
    const flow = typical > before ? typical * volume[row]! : typical < before ? -typical * volume[row]! : 0
    before = typical
    flows[row] = flow
    if (flow > 0) positive += flow
    else negative -= flow
    if (row > period) {
      const gone = flows[row - period]!
      if (gone > 0) positive -= gone
      else negative += gone
    }
    if (row >= period) result[row] = (100 * positive) / (positive + negative)
  }
  return result
}

function moneyFlow({ high, low, close, volume }: Lanes, row: number): number {
  const range = high[row]! - low[row]!
  return range > 0 ? ((2 * close[row]! - high[row]! - low[row]!) / range) * volume[row]! : 0
}

export function handCmf(lanes: Lanes, period: number): Float64Array {
  const { volume } = lanes
  const length = volume.length
  const flows = new Float64Array(length)
  const result = new Float64Array(length).fill(Number.NaN, 0, period - 1)
  let [flow, traded] = [0, 0]
  for (let row = 0; row < length; row++) {
    const now = moneyFlow(lanes, row)
    flows[row] = now
    flow += now
    traded += volume[row]!
    if (row >= period) {
      flow -= flows[row - period]!
      traded -= volume[row - period]!
    }
    if (row >= period - 1) result[row] = flow / traded
  }
  return result
}

export function handAdl(lanes: Lanes): Float64Array {
  const result = new Float64Array(lanes.close.length)
  let sum = 0
  for (let row = 0; row < result.length; row++) {
    sum += moneyFlow(lanes, row)
    result[row] = sum
  }
  return result
}

export function handForceIndex({ close, volume }: Lanes, period: number): Float64Array {
  const result = new Float64Array(close.length).fill(Number.NaN, 0, 1)
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let ema = 0
  for (let row = 1; row < close.length; row++) {
    ema = ema * keep + (close[row]! - close[row - 1]!) * volume[row]! * weight
    result[row] = ema
  }
  return result
}

export function handChaikinOscillator(lanes: Lanes, fast: number, slow: number): Float64Array {
  const result = new Float64Array(lanes.close.length)
  const [fastWeight, slowWeight] = [2 / (fast + 1), 2 / (slow + 1)] as const
  const [fastKeep, slowKeep] = [1 - fastWeight, 1 - slowWeight] as const
  let sum = moneyFlow(lanes, 0)
  let [a, b] = [sum, sum]
  for (let row = 1; row < result.length; row++) {
    sum += moneyFlow(lanes, row)
    a = a * fastKeep + sum * fastWeight
    b = b * slowKeep + sum * slowWeight
    result[row] = a - b
  }
  return result
}

export function handHl2({ high, low }: Lanes): Float64Array {
  const result = new Float64Array(high.length)
  for (let row = 0; row < high.length; row++) result[row] = (high[row]! + low[row]!) / 2
  return result
}

export function handHlc3({ high, low, close }: Lanes): Float64Array {
  const result = new Float64Array(high.length)
  for (let row = 0; row < high.length; row++) result[row] = (high[row]! + low[row]! + close[row]!) / 3
  return result
}

export function handOhlc4({ open, high, low, close }: Lanes): Float64Array {
  const result = new Float64Array(high.length)
  for (let row = 0; row < high.length; row++) result[row] = (open[row]! + high[row]! + low[row]! + close[row]!) / 4
  return result
}

/** @returns k, d. */
export function handStochRsi(
  values: Float64Array,
  rsiPeriod: number,
  period: number,
  signal: number,
): readonly Float64Array[] {
  const rsi = handRsi(values, rsiPeriod).subarray(rsiPeriod)
  const tops = handHighest(rsi, period)
  const bottoms = handLowest(rsi, period)
  const k = new Float64Array(values.length).fill(Number.NaN, 0, rsiPeriod + period - 1)
  for (let row = period - 1; row < rsi.length; row++)
    k[row + rsiPeriod] = (100 * (rsi[row]! - bottoms[row]!)) / (tops[row]! - bottoms[row]!)
  return [k, handMeanFrom(k, signal, rsiPeriod + period - 1)]
}
