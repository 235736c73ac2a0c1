import { handEma } from './hand-loops.ts'
import { handHighest, handLowest } from './hand-oscillators.ts'
import { handAtr, handTrueRange, type Lanes } from './hand-ranges.ts'

// Yardsticks of channels, trends and spreads. As in hand-loops.ts. Frozen.

export function handNatr(lanes: Lanes, period: number): Float64Array {
  const result = handAtr(lanes, period)
  for (let row = period; row < result.length; row++) result[row] = (100 * result[row]!) / lanes.close[row]!
  return result
}

export function handStddev(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  const base = values[0]!
  const share = 1 / period
  let sum = 0
  let squares = 0
  for (let row = 0; row < values.length; row++) {
    const now = values[row]! - base
    sum += now
    squares += now * now
    if (row >= period) {
      const gone = values[row - period]! - base
      sum -= gone
      squares -= gone * gone
    }
    if (row >= period - 1) result[row] = Math.sqrt(squares * share - sum * share * (sum * share))
  }
  return result
}

/** @returns upper, middle, lower. */
export function handKeltner(
  lanes: Lanes,
  period: number,
  atrPeriod: number,
  multiplier: number,
): readonly Float64Array[] {
  const middle = handEma(lanes.close, period)
  const upper = handAtr(lanes, atrPeriod)
  const lower = new Float64Array(middle.length)
  for (let row = 0; row < middle.length; row++) {
    const width = multiplier * upper[row]!
    lower[row] = middle[row]! - width
    upper[row] = middle[row]! + width
  }
  return [upper, middle, lower]
}

/** Of the rows before this one. @returns upper, middle, lower. */
export function handDonchian({ high, low }: Lanes, period: number): readonly Float64Array[] {
  const tops = handHighest(high, period)
  const bottoms = handLowest(low, period)
  const upper = new Float64Array(high.length).fill(Number.NaN, 0, 1)
  const lower = new Float64Array(high.length).fill(Number.NaN, 0, 1)
  const middle = new Float64Array(high.length).fill(Number.NaN, 0, 1)
  for (let row = 1; row < high.length; row++) {
    const [top, bottom] = [tops[row - 1]!, bottoms[row - 1]!]
    upper[row] = top
    lower[row] = bottom
    middle[row] = (top + bottom) / 2
  }
  return [upper, middle, lower]
}

/** @returns adx, plusDi, minusDi. */
export function handAdx({ high, low, close }: Lanes, period: number): readonly Float64Array[] {
  const length = close.length
  const adx = new Float64Array(length).fill(Number.NaN, 0, 1)
  const plusDi = new Float64Array(length).fill(Number.NaN, 0, 1)
  const minusDi = new Float64Array(length).fill(Number.NaN, 0, 1)
  const keep = (period - 1) / period
  let [range, plus, minus, index] = [0, 0, 0, 0]
  for (let row = 1; row < length; row++) {
    const [top, bottom, before] = [high[row]!, low[row]!, close[row - 1]!]
    const up = top - high[row - 1]!
    const down = low[row - 1]! - bottom
    range = range * keep + ((top > before ? top : before) - (bottom < before ? bottom : before))
    plus = plus * keep + (up > down && up > 0 ? up : 0)
    minus = minus * keep + (down > up && down > 0 ? down : 0)
    const a = range === 0 ? 0 : (100 * plus) / range
    const b = range === 0 ? 0 : (100 * minus) / range
    index = index * keep + (a + b === 0 ? 0 : (100 * Math.abs(a - b)) / (a + b) / period)
    plusDi[row] = a
    minusDi[row] = b
    adx[row] = index
  }
  return [adx, plusDi, minusDi]
}

/** Of equal extremes the earliest. @returns up, down, oscillator. */
export function handAroon({ high, low }: Lanes, period: number): readonly Float64Array[] {
  const length = high.length
  const up = new Float64Array(length).fill(Number.NaN, 0, period)
  const down = new Float64Array(length).fill(Number.NaN, 0, period)
  const oscillator = new Float64Array(length).fill(Number.NaN, 0, period)
  const share = 100 / period
  let [top, bottom] = [0, 0]
  for (let row = 1; row < length; row++) {
    const from = row - period
    if (top < from) {
      top = from
      for (let next = from + 1; next <= row; next++) if (high[next]! > high[top]!) top = next
    } else if (high[row]! > high[top]!) top = row
    if (bottom < from) {
      bottom = from
      for (let next = from + 1; next <= row; next++) if (low[next]! < low[bottom]!) bottom = next
    } else if (low[row]! < low[bottom]!) bottom = row
    if (from < 0) continue
    up[row] = (period - row + top) * share
    down[row] = (period - row + bottom) * share
    oscillator[row] = (top - bottom) * share
  }
  return [up, down, oscillator]
}

/** @returns value, upper, lower, direction. */
export function handSupertrend(lanes: Lanes, period: number, multiplier: number): readonly Float64Array[] {
  const { high, low, close } = lanes
  const length = close.length
  const atr = handAtr(lanes, period)
  const [value, upper, lower, direction] = [0, 1, 2, 3].map(() =>
    new Float64Array(length).fill(Number.NaN, 0, period),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array]
  let [top, bottom, rising] = [Infinity, -Infinity, true]
  for (let row = period; row < length; row++) {
    const middle = (high[row]! + low[row]!) / 2
    const width = multiplier * atr[row]!
    const before = close[row - 1]!
    if (middle + width < top || before > top) top = middle + width
    if (middle - width > bottom || before < bottom) bottom = middle - width
    if (row === period) rising = close[row]! >= middle
    else rising = close[row]! > (rising ? bottom : top)
    value[row] = rising ? bottom : top
    upper[row] = top
    lower[row] = bottom
    direction[row] = rising ? 1 : -1
  }
  return [value, upper, lower, direction]
}

/** @returns tenkan, kijun, senkouA, senkouB, chikou. */
export function handIchimoku(
  { high, low, close }: Lanes,
  tenkan: number,
  kijun: number,
  senkou: number,
  shift: number,
): readonly Float64Array[] {
  const length = close.length
  const middle = (period: number): Float64Array => {
    const tops = handHighest(high, period)
    const bottoms = handLowest(low, period)
    for (let row = 0; row < length; row++) tops[row] = (tops[row]! + bottoms[row]!) / 2
    return tops
  }
  const [short, medium, long] = [middle(tenkan), middle(kijun), middle(senkou)]
  const senkouA = new Float64Array(length).fill(Number.NaN, 0, shift)
  const senkouB = new Float64Array(length).fill(Number.NaN, 0, shift)
  for (let row = shift; row < length; row++) {
    senkouA[row] = (short[row - shift]! + medium[row - shift]!) / 2
    senkouB[row] = long[row - shift]!
  }
  return [short, medium, senkouA, senkouB, close.slice()]
}

/** @returns plus, minus. */
export function handVortex({ high, low, close }: Lanes, period: number): readonly Float64Array[] {
  const length = close.length
  const ranges = handTrueRange({ open: close, high, low, close, volume: close })
  const plus = new Float64Array(length).fill(Number.NaN, 0, period)
  const minus = new Float64Array(length).fill(Number.NaN, 0, period)
  let [up, down, range] = [0, 0, 0]
  for (let row = 1; row < length; row++) {
    up += Math.abs(high[row]! - low[row - 1]!)
    down += Math.abs(low[row]! - high[row - 1]!)
    range += ranges[row]!
    if (row > period) {
      const gone = row - period
      up -= Math.abs(high[gone]! - low[gone - 1]!)
      down -= Math.abs(low[gone]! - high[gone - 1]!)
      range -= ranges[gone]!
    }
    if (row < period) continue
    plus[row] = up / range
    minus[row] = down / range
  }
  return [plus, minus]
}

/** @returns long, short. */
export function handChandelier(lanes: Lanes, period: number, multiplier: number): readonly Float64Array[] {
  const atr = handAtr(lanes, period)
  const long = handHighest(lanes.high, period)
  const short = handLowest(lanes.low, period)
  for (let row = 0; row < atr.length; row++) {
    const width = multiplier * atr[row]!
    long[row] = long[row]! - width
    short[row] = short[row]! + width
  }
  return [long, short]
}

export function handChoppiness({ high, low, close }: Lanes, period: number): Float64Array {
  const length = close.length
  const [tops, bottoms] = [new Float64Array(length), new Float64Array(length)]
  for (let row = 1; row < length; row++) {
    const before = close[row - 1]!
    tops[row] = high[row]! > before ? high[row]! : before
    bottoms[row] = low[row]! < before ? low[row]! : before
  }
  const result = handHighest(tops, period)
  const least = handLowest(bottoms, period)
  const scale = 100 / Math.log10(period)
  let path = 0
  for (let row = 1; row < length; row++) {
    path += tops[row]! - bottoms[row]!
    if (row > period) path -= tops[row - period]! - bottoms[row - period]!
    result[row] = row < period ? Number.NaN : Math.log10(path / (result[row]! - least[row]!)) * scale
  }
  return result
}

export function handUlcer(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  for (let row = period - 1; row < values.length; row++) {
    let peak = 0
    let sum = 0
    for (let next = row - period + 1; next <= row; next++) {
      const value = values[next]!
      if (value > peak) peak = value
      const drawdown = (100 * (value - peak)) / peak
      sum += drawdown * drawdown
    }
    result[row] = Math.sqrt(sum / period)
  }
  return result
}

export function handPsar({ high, low }: Lanes, step: number, max: number): Float64Array {
  const length = high.length
  const result = new Float64Array(length).fill(Number.NaN, 0, 1)
  let rising = true
  let sar = low[0]!
  let extreme = high[0]!
  let share = step
  for (let row = 1; row < length; row++) {
    let next = sar + share * (extreme - sar)
    const far = row > 1 ? row - 2 : 0
    if (rising) {
      next = Math.min(next, low[row - 1]!, low[far]!)
      if (low[row]! < next) {
        rising = false
        next = extreme
        extreme = low[row]!
        share = step
      } else if (high[row]! > extreme) {
        extreme = high[row]!
        share = Math.min(max, share + step)
      }
    } else {
      next = Math.max(next, high[row - 1]!, high[far]!)
      if (high[row]! > next) {
        rising = true
        next = extreme
        extreme = high[row]!
        share = step
      } else if (low[row]! < extreme) {
        extreme = low[row]!
        share = Math.min(max, share + step)
      }
    }
    sar = next
    result[row] = sar
  }
  return result
}
