/**
 * What is gathered over the last `size` rows at each row. Rows are taken in blocks of the window's size: a window is the
 * end of one block and the beginning of the next, and each of the two is gathered once from where they meet. Nothing is
 * ever subtracted, so that rounding errors do not pile up, a spike leaves no trace behind its window, and a row costs the
 * same whatever the size. NaN is left out.
 */

/** Values that are there in each window. */
export function windowCounts(values: ArrayLike<number>, size: number): Int32Array {
  const counts = new Int32Array(values.length)
  let count = 0
  for (let row = 0; row < counts.length; row++) {
    if (!Number.isNaN(values[row]!)) count++
    if (row >= size && !Number.isNaN(values[row - size]!)) count--
    counts[row] = count
  }
  return counts
}

export function windowSums(values: ArrayLike<number>, size: number): Float64Array {
  const sums = new Float64Array(values.length)
  const ends = new Float64Array(Math.min(size, values.length) + 1)
  for (let from = 0; from < sums.length; from += size) {
    const to = Math.min(from + size, sums.length)
    let begun = 0
    for (let row = from; row < to; row++) {
      const value = values[row]!
      if (!Number.isNaN(value)) begun += value
      sums[row] = begun + ends[row - from + 1]!
    }
    if (to - from < size) break
    ends[size] = 0
    for (let row = to - 1; row > from; row--) {
      const value = values[row]!
      ends[row - from] = ends[row - from + 1]! + (Number.isNaN(value) ? 0 : value)
    }
  }
  return sums
}

/** Of each window the lowest value; with `sign` −1 the highest one, its sign turned. Infinity where there is none. */
export function windowLeast(values: ArrayLike<number>, size: number, sign: 1 | -1): Float64Array {
  const least = new Float64Array(values.length)
  const ends = new Float64Array(Math.min(size, values.length) + 1).fill(Infinity)
  for (let from = 0; from < least.length; from += size) {
    const to = Math.min(from + size, least.length)
    let begun = Infinity
    for (let row = from; row < to; row++) {
      const value = sign * values[row]!
      if (value < begun) begun = value
      const ended = ends[row - from + 1]!
      least[row] = ended < begun ? ended : begun
    }
    if (to - from < size) break
    ends[size] = Infinity
    for (let row = to - 1; row > from; row--) {
      const value = sign * values[row]!
      const after = ends[row - from + 1]!
      ends[row - from] = value < after ? value : after
    }
  }
  return least
}

/**
 * Sum of squared deviations from each window's own mean. A part is gathered by Welford's recurrence, two parts are put
 * together as in Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
 */
export function windowSquares(values: ArrayLike<number>, size: number): Float64Array {
  const squares = new Float64Array(values.length)
  const room = Math.min(size, values.length) + 1
  const endCounts = new Float64Array(room)
  const endMeans = new Float64Array(room)
  const endSquares = new Float64Array(room)
  for (let from = 0; from < squares.length; from += size) {
    const to = Math.min(from + size, squares.length)
    let [count, mean, square] = [0, 0, 0]
    for (let row = from; row < to; row++) {
      const value = values[row]!
      if (!Number.isNaN(value)) {
        const off = value - mean
        mean += off / ++count
        square += off * (value - mean)
      }
      const slot = row - from + 1
      const ended = endCounts[slot]!
      const apart = ended > 0 && count > 0 ? endMeans[slot]! - mean : 0
      squares[row] =
        square + endSquares[slot]! + (apart === 0 ? 0 : apart * apart * ((count * ended) / (count + ended)))
    }
    if (to - from < size) break
    endCounts[size] = endMeans[size] = endSquares[size] = 0
    ;[count, mean, square] = [0, 0, 0]
    for (let row = to - 1; row > from; row--) {
      const value = values[row]!
      if (!Number.isNaN(value)) {
        const off = value - mean
        mean += off / ++count
        square += off * (value - mean)
      }
      endCounts[row - from] = count
      endMeans[row - from] = mean
      endSquares[row - from] = square
    }
  }
  return squares
}
