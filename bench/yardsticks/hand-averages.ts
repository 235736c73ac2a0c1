// Yardsticks of averages of the close. As in hand-loops.ts: a plain loop for one indicator alone, without a care for
// missing rows, rows that come one by one, or rounding errors that gather. Frozen.

export function handWma(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  const weights = (period * (period + 1)) / 2
  let sum = 0
  let weighted = 0
  for (let row = 0; row < period; row++) {
    sum += values[row]!
    weighted += values[row]! * (row + 1)
  }
  result[period - 1] = weighted / weights
  for (let row = period; row < values.length; row++) {
    const value = values[row]!
    weighted += value * period - sum
    sum += value - values[row - period]!
    result[row] = weighted / weights
  }
  return result
}

export function handLsma(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  const weights = (period * (period + 1)) / 2
  let sum = 0
  let weighted = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (row < period) {
      sum += value
      weighted += value * (row + 1)
    } else {
      weighted += value * period - sum
      sum += value - values[row - period]!
    }
    if (row >= period - 1) result[row] = (3 * weighted) / weights - (2 * sum) / period
  }
  return result
}

/** A weighted mean of weighted means; the last one runs over the difference as it comes. */
export function handHma(values: Float64Array, period: number): Float64Array {
  const half = handWma(values, Math.floor(period / 2))
  const whole = handWma(values, period)
  const difference = new Float64Array(values.length - period + 1)
  for (let row = 0; row < difference.length; row++)
    difference[row] = 2 * half[row + period - 1]! - whole[row + period - 1]!
  const smoothed = handWma(difference, Math.floor(Math.sqrt(period)))
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  result.set(smoothed, period - 1)
  return result
}

/** Some EMAs one of another, each started by the first value; `combine` is of their newest. */
export function handDema(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let a = values[0]!
  let b = a
  for (let row = 0; row < values.length; row++) {
    a = a * keep + values[row]! * weight
    b = b * keep + a * weight
    result[row] = 2 * a - b
  }
  return result
}

export function handTema(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let a = values[0]!
  let b = a
  let c = a
  for (let row = 0; row < values.length; row++) {
    a = a * keep + values[row]! * weight
    b = b * keep + a * weight
    c = c * keep + b * weight
    result[row] = 3 * a - 3 * b + c
  }
  return result
}

export function handT3(values: Float64Array, period: number, factor: number): Float64Array {
  const result = new Float64Array(values.length)
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  const first = -(factor ** 3)
  const second = 3 * factor ** 2 + 3 * factor ** 3
  const third = -6 * factor ** 2 - 3 * factor - 3 * factor ** 3
  const fourth = 1 + 3 * factor + factor ** 3 + 3 * factor ** 2
  let a = values[0]!
  let b = a
  let c = a
  let d = a
  let e = a
  let f = a
  for (let row = 0; row < values.length; row++) {
    a = a * keep + values[row]! * weight
    b = b * keep + a * weight
    c = c * keep + b * weight
    d = d * keep + c * weight
    e = e * keep + d * weight
    f = f * keep + e * weight
    result[row] = first * f + second * e + third * d + fourth * c
  }
  return result
}

/** Wilder's. */
export function handSmma(values: Float64Array, period: number): Float64Array {
  const result = new Float64Array(values.length)
  const keep = (period - 1) / period
  const weight = 1 / period
  let average = values[0]!
  for (let row = 0; row < values.length; row++) {
    average = average * keep + values[row]! * weight
    result[row] = average
  }
  return result
}

export function handZlema(values: Float64Array, period: number): Float64Array {
  const lag = Math.floor((period - 1) / 2)
  const result = new Float64Array(values.length).fill(Number.NaN, 0, lag)
  const weight = 2 / (period + 1)
  const keep = 1 - weight
  let ema = values[lag]!
  for (let row = lag; row < values.length; row++) {
    ema = ema * keep + (2 * values[row]! - values[row - lag]!) * weight
    result[row] = ema
  }
  return result
}

export function handKama(values: Float64Array, period: number, fast: number, slow: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period)
  const slowWeight = 2 / (slow + 1)
  const span = 2 / (fast + 1) - slowWeight
  let way = 0
  let kama = values[period - 1]!
  for (let row = 1; row < values.length; row++) {
    way += Math.abs(values[row]! - values[row - 1]!)
    if (row < period) continue
    if (row > period) way -= Math.abs(values[row - period]! - values[row - period - 1]!)
    const efficiency = way > 0 ? Math.abs(values[row]! - values[row - period]!) / way : 1
    const weight = efficiency * span + slowWeight
    kama += weight * weight * (values[row]! - kama)
    result[row] = kama
  }
  return result
}

export function handAlma(values: Float64Array, period: number, offset: number, sigma: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN, 0, period - 1)
  const top = offset * (period - 1)
  const width = period / sigma
  const weights = Float64Array.from({ length: period }, (_, at) => Math.exp(-((at - top) ** 2) / (2 * width * width)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (let at = 0; at < period; at++) weights[at] = weights[at]! / total
  for (let row = period - 1; row < values.length; row++) {
    let sum = 0
    for (let at = 0; at < period; at++) sum += values[row - period + 1 + at]! * weights[at]!
    result[row] = sum
  }
  return result
}

export function handVwma(closes: Float64Array, volumes: Float64Array, period: number): Float64Array {
  const result = new Float64Array(closes.length).fill(Number.NaN, 0, period - 1)
  let worth = 0
  let volume = 0
  for (let row = 0; row < closes.length; row++) {
    worth += closes[row]! * volumes[row]!
    volume += volumes[row]!
    if (row >= period) {
      worth -= closes[row - period]! * volumes[row - period]!
      volume -= volumes[row - period]!
    }
    if (row >= period - 1) result[row] = worth / volume
  }
  return result
}
