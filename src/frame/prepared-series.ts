/**
 * Series ready to be related to one another. Each is shifted by its mean and scaled by its deviation, which changes no
 * correlation but keeps its digits (prices of 1e-8 and volumes of 1e12 alike); a missing value is 0, so that it adds
 * nothing to a sum of products, and its row is on a list, so that what it is missing from is known without a look at
 * the others. All of it lies in shared memory: threads read it, nobody copies it.
 */
export interface PreparedSeries {
  readonly count: number
  readonly rows: number
  /** `count × rows`, series after series. */
  readonly values: Float64Array
  /** Of each series: sum and sum of squares of its values as they stand in `values`; squares of 0: it does not move. */
  readonly sums: Float64Array
  readonly squares: Float64Array
  /** Rows at which a series has no value, ascending, one series behind the other. */
  readonly missingRows: Int32Array
  /** Where the rows of a series begin in `missingRows`; one more entry than there are series. */
  readonly missingFrom: Int32Array
}

/** Bytes that series take together with what is prepared of them, missing values aside. */
export function preparedBytes(count: number, rows: number): number {
  return 2 * count * rows * Float64Array.BYTES_PER_ELEMENT
}

/** @param lanes series of the same length; NaN and infinities are missing values. */
export function prepareSeries(lanes: readonly ArrayLike<number>[], rows: number): PreparedSeries {
  const count = lanes.length
  const missingFrom = new Int32Array(new SharedArrayBuffer(4 * (count + 1)))
  lanes.forEach((lane, index) => (missingFrom[index + 1] = missingFrom[index]! + countMissing(lane, rows)))
  const prepared: PreparedSeries = {
    count,
    rows,
    values: sharedFloats(count * rows),
    sums: sharedFloats(count),
    squares: sharedFloats(count),
    missingRows: new Int32Array(new SharedArrayBuffer(4 * missingFrom[count]!)),
    missingFrom,
  }
  lanes.forEach((lane, index) => prepareOne(prepared, index, lane))
  return prepared
}

export function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT))
}

function countMissing(lane: ArrayLike<number>, rows: number): number {
  let missing = 0
  for (let row = 0; row < rows; row++) if (!isFinite(lane[row]!)) missing++
  return missing
}

function prepareOne(into: PreparedSeries, index: number, lane: ArrayLike<number>): void {
  const { rows } = into
  const values = into.values.subarray(index * rows, (index + 1) * rows)
  const { mean, deviation } = momentsOf(lane, rows)
  const scale = deviation > 0 ? 1 / deviation : 1
  let missingAt = into.missingFrom[index]!
  let sum = 0
  let squares = 0
  for (let row = 0; row < rows; row++) {
    const value = lane[row]!
    if (!isFinite(value)) {
      into.missingRows[missingAt++] = row
      values[row] = 0
      continue
    }
    const scaled = (value - mean) * scale
    values[row] = scaled
    sum += scaled
    squares += scaled * scaled
  }
  into.sums[index] = sum
  into.squares[index] = squares
}

/**
 * Mean and root mean square deviation, in two passes. Divided by the largest value first, so that no square overflows or
 * vanishes, however large or small the values are.
 */
function momentsOf(lane: ArrayLike<number>, rows: number): { readonly mean: number; readonly deviation: number } {
  let present = 0
  let lowest = Infinity
  let highest = -Infinity
  for (let row = 0; row < rows; row++) {
    const value = lane[row]!
    if (!isFinite(value)) continue
    present++
    if (value < lowest) lowest = value
    if (value > highest) highest = value
  }
  // Exactly: a mean of equal values may miss them by a bit.
  if (lowest >= highest) return { mean: lowest, deviation: 0 }
  const largest = Math.max(-lowest, highest)
  let sum = 0
  for (let row = 0; row < rows; row++) if (isFinite(lane[row]!)) sum += lane[row]! / largest
  const mean = sum / present
  let squares = 0
  for (let row = 0; row < rows; row++) {
    const value = lane[row]!
    if (isFinite(value)) squares += (value / largest - mean) ** 2
  }
  return { mean: mean * largest, deviation: Math.sqrt(squares / present) * largest }
}
