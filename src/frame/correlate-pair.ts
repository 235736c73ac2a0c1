import type { PreparedSeries } from './prepared-series.ts'

/** How two series go together over the rows in which both have a value. */
export interface PairCorrelation {
  /** −1 to 1; NaN where a series does not move in these rows, or there are fewer than two; undefined: `correlateInTwoPasses`. */
  readonly correlation: number | undefined
  readonly common: number
}

/**
 * What must be left of a sum of squares once the mean over the common rows is taken off. With less, the subtraction has
 * cost too many digits.
 */
const SHARE_MIN = 1e-4

/**
 * Pearson's correlation of a pair of which the sum of products is known. Sums over the common rows are those of the
 * whole series less the rows that the other one lacks, so that a pair costs as much as it has missing values.
 */
export function correlatePair(series: PreparedSeries, i: number, j: number, product: number): PairCorrelation {
  const mine = overCommonRows(series, i, j)
  const common = mine.common
  if (common < 2 || series.squares[i] === 0 || series.squares[j] === 0) return { correlation: Number.NaN, common }
  const others = overCommonRows(series, j, i)
  const varianceOfMine = mine.squares - (mine.sum * mine.sum) / common
  const varianceOfOthers = others.squares - (others.sum * others.sum) / common
  // What was taken off for missing rows costs digits as well: it is measured against the whole series.
  const holds = varianceOfMine > SHARE_MIN * series.squares[i]! && varianceOfOthers > SHARE_MIN * series.squares[j]!
  if (!holds) return { correlation: undefined, common }
  const covariance = product - (mine.sum * others.sum) / common
  return { correlation: bounded(covariance / Math.sqrt(varianceOfMine * varianceOfOthers)), common }
}

/** Sums of series `i` over the rows in which `j` has a value as well. */
function overCommonRows(
  { values, rows, sums, squares, missingRows, missingFrom }: PreparedSeries,
  i: number,
  j: number,
): { readonly common: number; readonly sum: number; readonly squares: number } {
  const to = missingFrom[j + 1]!
  let alsoMissingAt = missingFrom[i]!
  const alsoMissingTo = missingFrom[i + 1]!
  let common = rows - (alsoMissingTo - alsoMissingAt)
  let sum = sums[i]!
  let squareSum = squares[i]!
  for (let at = missingFrom[j]!; at < to; at++) {
    const row = missingRows[at]!
    while (alsoMissingAt < alsoMissingTo && missingRows[alsoMissingAt]! < row) alsoMissingAt++
    if (alsoMissingAt < alsoMissingTo && missingRows[alsoMissingAt] === row) continue
    common--
    const value = values[i * rows + row]!
    sum -= value
    squareSum -= value * value
  }
  return { common, sum, squares: squareSum }
}

/** The definition, from the values themselves: for a pair whose sums would lose its digits. */
export function correlateInTwoPasses(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const x: number[] = []
  const y: number[] = []
  for (let row = 0; row < first.length; row++)
    if (isFinite(first[row]!) && isFinite(second[row]!)) {
      x.push(first[row]!)
      y.push(second[row]!)
    }
  // A mean of equal values may miss them by a bit; that bit is no movement.
  if (isFlat(x) || isFlat(y)) return Number.NaN
  const dx = deviations(x)
  const dy = deviations(y)
  let [products, squaresOfX, squaresOfY] = [0, 0, 0]
  for (let row = 0; row < dx.length; row++) {
    products += dx[row]! * dy[row]!
    squaresOfX += dx[row]! ** 2
    squaresOfY += dy[row]! ** 2
  }
  return bounded(products / (Math.sqrt(squaresOfX) * Math.sqrt(squaresOfY)))
}

function isFlat(values: readonly number[]): boolean {
  return values.every(value => value === values[0])
}

/** From the mean, in units of the largest value: no square overflows or vanishes. */
function deviations(values: readonly number[]): readonly number[] {
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0)
  const mean = values.reduce((sum, value) => sum + value / largest, 0) / values.length
  return values.map(value => value / largest - mean)
}

/** Rounding may carry a perfect correlation past 1. */
function bounded(correlation: number): number {
  return Math.max(-1, Math.min(1, correlation))
}
