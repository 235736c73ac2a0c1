import { badInput } from '../domain/errors.ts'
import { FrameColumn, type Values } from './frame-column.ts'
import { windowCounts, windowLeast, windowSquares, windowSums } from './rolling-windows.ts'

export interface RollingOptions {
  /** Values that a window must hold; missing ones are then left out. Without it none of `size` may be missing. */
  readonly rowsMin?: number | undefined
}

/** Windows of the last `size` rows; each result is a new column, NaN where a window holds too few values. */
export interface Rolling {
  sum(): FrameColumn
  mean(): FrameColumn
  min(): FrameColumn
  max(): FrameColumn
  /** Standard deviation of a sample, divided by n − 1, as pandas has it. NaN for fewer than two values. */
  std(): FrameColumn
  /** Divided by n, as Bollinger bands have it. */
  populationStd(): FrameColumn
  /** Anything else: `compute` is given each window, without a copy, oldest value first. @param row the window's last row. */
  apply(compute: (window: Values, row: number) => number): FrameColumn
}

/**
 * Windows of a column's last `size` rows, one at each row.
 *
 *     const high = rolling(frame.column('high'), 20).max()
 *
 * @throws bad input when `size` is no whole number of at least 1, or `rowsMin` not between 1 and it.
 */
export function rolling(column: FrameColumn, size: number, { rowsMin = size }: RollingOptions = {}): Rolling {
  if (!(Number.isInteger(size) && size >= 1))
    throw badInput(`a window of ${size} rows`, { hint: 'use a whole number of at least 1' })
  if (!(Number.isInteger(rowsMin) && rowsMin >= 1 && rowsMin <= size))
    throw badInput(`windows of ${size} rows cannot be asked for ${rowsMin} values`, { hint: `use 1 to ${size}` })
  return new BlockRolling(column.values(), size, rowsMin)
}

class BlockRolling implements Rolling {
  readonly #values: Values
  readonly #size: number
  readonly #rowsMin: number
  #counted: Int32Array | undefined

  constructor(values: Values, size: number, rowsMin: number) {
    this.#values = values
    this.#size = size
    this.#rowsMin = rowsMin
  }

  sum(): FrameColumn {
    return this.#where(windowSums(this.#values, this.#size), sum => sum)
  }

  mean(): FrameColumn {
    return this.#where(windowSums(this.#values, this.#size), (sum, count) => sum / count)
  }

  min(): FrameColumn {
    return this.#where(windowLeast(this.#values, this.#size, 1), least => least)
  }

  max(): FrameColumn {
    return this.#where(windowLeast(this.#values, this.#size, -1), least => -least)
  }

  std(): FrameColumn {
    return this.#where(windowSquares(this.#values, this.#size), (squares, count) =>
      count < 2 ? Number.NaN : Math.sqrt(squares / (count - 1)),
    )
  }

  populationStd(): FrameColumn {
    return this.#where(windowSquares(this.#values, this.#size), (squares, count) => Math.sqrt(squares / count))
  }

  apply(compute: (window: Values, row: number) => number): FrameColumn {
    const counts = this.#counts
    const results = new Float64Array(counts.length).fill(Number.NaN)
    for (let row = 0; row < counts.length; row++)
      if (counts[row]! >= this.#rowsMin)
        results[row] = compute(this.#values.subarray(Math.max(0, row + 1 - this.#size), row + 1), row)
    return FrameColumn.of(results)
  }

  /** Finishes what was gathered, in place. */
  #where(gathered: Float64Array, finish: (gathered: number, count: number) => number): FrameColumn {
    const counts = this.#counts
    for (let row = 0; row < gathered.length; row++) {
      const count = counts[row]!
      gathered[row] = count >= this.#rowsMin ? finish(gathered[row]!, count) : Number.NaN
    }
    return FrameColumn.of(gathered)
  }

  get #counts(): Int32Array {
    return (this.#counted ??= windowCounts(this.#values, this.#size))
  }
}
