import type { CandleFrame } from '../../src/frame/candle-frame.ts'

/** Bars of `stepMs` as one plain loop makes them that knows nothing of months, marks, missing children or growth. */
export function resampleByHand(frame: CandleFrame, stepMs: number): readonly Float64Array[] {
  const rows = Math.ceil(frame.length / 2) + 1
  const out = Array.from({ length: 6 }, () => new Float64Array(rows))
  const [times, opens, highs, lows, closes, volumes] = out as [Float64Array, ...Float64Array[]]
  const time = frame.time.values
  const open = frame.open.values
  const high = frame.high.values
  const low = frame.low.values
  const close = frame.close.values
  const volume = frame.volume.values
  let bar = -1
  let endTime = -Infinity
  for (let row = 0; row < frame.length; row++) {
    if (time[row]! >= endTime) {
      bar++
      times[bar] = Math.floor(time[row]! / stepMs) * stepMs
      endTime = times[bar]! + stepMs
      opens![bar] = open[row]!
      highs![bar] = high[row]!
      lows![bar] = low[row]!
      volumes![bar] = 0
    }
    if (high[row]! > highs![bar]!) highs![bar] = high[row]!
    if (low[row]! < lows![bar]!) lows![bar] = low[row]!
    closes![bar] = close[row]!
    volumes![bar]! += volume[row]!
  }
  return out.map(lane => lane.subarray(0, bar + 1))
}

/** Pearson's correlation of all pairs as its formula reads, each pair for itself. */
export function correlateByHand(lanes: readonly Float64Array[]): Float64Array {
  const count = lanes.length
  const result = new Float64Array(count * count)
  const means = lanes.map(lane => lane.reduce((sum, value) => sum + value, 0) / lane.length)
  for (let i = 0; i < count; i++)
    for (let j = i; j < count; j++) {
      const x = lanes[i]!
      const y = lanes[j]!
      let products = 0
      let squaresOfX = 0
      let squaresOfY = 0
      for (let row = 0; row < x.length; row++) {
        const dx = x[row]! - means[i]!
        const dy = y[row]! - means[j]!
        products += dx * dy
        squaresOfX += dx * dx
        squaresOfY += dy * dy
      }
      result[i * count + j] = result[j * count + i] = products / Math.sqrt(squaresOfX * squaresOfY)
    }
  return result
}

/** Means of the last `size` values by a running sum, which keeps the errors of all its additions. */
export function rollingMeanByHand(values: Float64Array, size: number): Float64Array {
  const means = new Float64Array(values.length).fill(Number.NaN)
  let sum = 0
  for (let row = 0; row < values.length; row++) {
    sum += values[row]!
    if (row >= size) sum -= values[row - size]!
    if (row >= size - 1) means[row] = sum / size
  }
  return means
}
