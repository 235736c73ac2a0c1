import { workerTask } from '../domain/worker-task.ts'
import { correlatePair } from './correlate-pair.ts'
import type { PreparedSeries } from './prepared-series.ts'

/** A rectangle of the matrix: series `[rowFrom, rowTo)` against `[columnFrom, columnTo)`. All arrays are shared memory. */
export interface CorrelationTile {
  readonly series: PreparedSeries
  readonly rowFrom: number
  readonly rowTo: number
  readonly columnFrom: number
  readonly columnTo: number
  /** `count × count`, by rows: where the correlations go. Both halves are written. */
  readonly correlations: Float64Array
  /** Likewise: in how many rows both series have a value. */
  readonly commonRows: Int32Array
}

/**
 * Rows that are worked on at a time: those of some sixty series fit into the second cache, of the six in hand into the
 * first. It decides in which order sums are made, so it is the same everywhere.
 */
const SLAB_ROWS = 512

/**
 * Computes one tile, here or in a thread; the same bits in either.
 * @returns pairs that it has to leave to two passes over the values themselves, each as its place in the matrix.
 */
export const correlateTile = workerTask(
  import.meta.url,
  'correlateTile',
  (tile: CorrelationTile): readonly number[] => {
    const { series, rowFrom, rowTo, columnFrom, columnTo, correlations, commonRows } = tile
    const { count } = series
    const products = productSums(tile)
    const width = columnTo - columnFrom
    const left: number[] = []
    for (let i = rowFrom; i < rowTo; i++)
      for (let j = Math.max(i, columnFrom); j < columnTo; j++) {
        const { correlation, common } = correlatePair(series, i, j, products[(i - rowFrom) * width + (j - columnFrom)]!)
        if (correlation === undefined) left.push(i * count + j)
        else correlations[i * count + j] = correlations[j * count + i] = correlation
        commonRows[i * count + j] = commonRows[j * count + i] = common
      }
    return left
  },
)

/** The sum of products of each pair of the tile that lies on or above the diagonal. */
function productSums({ series, rowFrom, rowTo, columnFrom, columnTo }: CorrelationTile): Float64Array {
  const { rows } = series
  const width = columnTo - columnFrom
  const sums = new Float64Array((rowTo - rowFrom) * width)
  for (let from = 0; from < rows; from += SLAB_ROWS) {
    const to = Math.min(rows, from + SLAB_ROWS)
    for (let i = rowFrom; i < rowTo; i += 3)
      for (let j = columnFrom; j < columnTo; j += 3) {
        // Wholly below the diagonal; the matrix is symmetric.
        if (j + 2 < i) continue
        if (i + 3 <= rowTo && j + 3 <= columnTo)
          addNine(series, i, j, from, to, sums, (i - rowFrom) * width + (j - columnFrom), width)
        else
          for (let row = i; row < Math.min(i + 3, rowTo); row++)
            for (let column = j; column < Math.min(j + 3, columnTo); column++)
              addOne(series, row, column, from, to, sums, (row - rowFrom) * width + (column - columnFrom))
      }
  }
  return sums
}

/** Three series against three: nine sums in registers for six loads a row. */
function addNine(
  { values, rows }: PreparedSeries,
  i: number,
  j: number,
  from: number,
  to: number,
  sums: Float64Array,
  firstAt: number,
  width: number,
): void {
  const a0 = i * rows
  const a1 = a0 + rows
  const a2 = a1 + rows
  const b0 = j * rows
  const b1 = b0 + rows
  const b2 = b1 + rows
  let [s00, s01, s02, s10, s11, s12, s20, s21, s22] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let row = from; row < to; row++) {
    const x0 = values[a0 + row]!
    const x1 = values[a1 + row]!
    const x2 = values[a2 + row]!
    const y0 = values[b0 + row]!
    const y1 = values[b1 + row]!
    const y2 = values[b2 + row]!
    s00 += x0 * y0
    s01 += x0 * y1
    s02 += x0 * y2
    s10 += x1 * y0
    s11 += x1 * y1
    s12 += x1 * y2
    s20 += x2 * y0
    s21 += x2 * y1
    s22 += x2 * y2
  }
  let at = firstAt
  sums[at]! += s00
  sums[at + 1]! += s01
  sums[at + 2]! += s02
  at += width
  sums[at]! += s10
  sums[at + 1]! += s11
  sums[at + 2]! += s12
  at += width
  sums[at]! += s20
  sums[at + 1]! += s21
  sums[at + 2]! += s22
}

function addOne(
  { values, rows }: PreparedSeries,
  i: number,
  j: number,
  from: number,
  to: number,
  sums: Float64Array,
  at: number,
): void {
  const a = i * rows
  const b = j * rows
  let sum = 0
  for (let row = from; row < to; row++) sum += values[a + row]! * values[b + row]!
  sums[at]! += sum
}
