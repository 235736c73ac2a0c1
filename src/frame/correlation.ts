import { badInput } from '../domain/errors.ts'
import { runHere, type RunOptions, type TaskRunner } from '../domain/worker-task.ts'
import { correlateInTwoPasses } from './correlate-pair.ts'
import { correlateTile, type CorrelationTile } from './correlation-tile.ts'
import { preparedBytes, prepareSeries, sharedFloats } from './prepared-series.ts'

export interface CorrelateOptions extends Pick<RunOptions, 'signal'> {
  /** Who computes the tiles: a worker pool of threads, or (the default) this thread. The result is the same. */
  readonly runner?: TaskRunner
  /** Memory that the series may take, MB. */
  readonly memoryMaxMb?: number
}

const MEMORY_MAX_MB = 1_024
/** Series on either side of a tile: a tile is some milliseconds of work, many times what a task costs. A multiple of three. */
const TILE_SERIES = 30

/** How each series goes with each other one. */
export class CorrelationMatrix {
  readonly size: number
  /** `size × size`, by rows; symmetric. NaN where there is no correlation. */
  readonly values: Float64Array
  /** Likewise: in how many rows both series have a value. */
  readonly commonRows: Int32Array

  constructor(size: number, values: Float64Array, commonRows: Int32Array) {
    this.size = size
    this.values = values
    this.commonRows = commonRows
  }

  /** −1 to 1; NaN where a series does not move in the common rows, or there are fewer than two of them. */
  at(i: number, j: number): number {
    return this.#isInside(i, j) ? this.values[i * this.size + j]! : Number.NaN
  }

  rowsAt(i: number, j: number): number {
    return this.#isInside(i, j) ? this.commonRows[i * this.size + j]! : 0
  }

  #isInside(i: number, j: number): boolean {
    return i >= 0 && j >= 0 && i < this.size && j < this.size
  }
}

/**
 * Pearson's correlation of every pair of series, r = Σ(x−x̄)(y−ȳ) / √(Σ(x−x̄)² Σ(y−ȳ)²), sums and means over the rows in
 * which both have a finite value.
 * @param lanes series whose rows stand for the same times.
 * @throws bad input when they differ in length or take more memory than they may.
 */
export async function correlate(
  lanes: readonly ArrayLike<number>[],
  { runner = runHere, memoryMaxMb, signal }: CorrelateOptions = {},
): Promise<CorrelationMatrix> {
  const count = lanes.length
  const rows = lanes[0]?.length ?? 0
  const other = lanes.findIndex(lane => lane.length !== rows)
  if (other >= 0)
    throw badInput(`series 0 has ${rows} rows and series ${other} has ${lanes[other]?.length ?? 0}`, {
      hint: 'bring them onto the same rows first',
    })
  checkMemory(count, rows, memoryMaxMb)
  const correlations = sharedFloats(count * count)
  const commonRows = new Int32Array(new SharedArrayBuffer(4 * count * count))
  const tiles = tilesOf({ series: prepareSeries(lanes, rows), correlations, commonRows })
  for await (const left of runner.map(correlateTile, tiles, { signal }))
    for (const place of left) {
      const [i, j] = [Math.floor(place / count), place % count]
      const correlation = correlateInTwoPasses(lanes[i] ?? [], lanes[j] ?? [])
      correlations[place] = correlations[j * count + i] = correlation
    }
  return new CorrelationMatrix(count, correlations, commonRows)
}

/** @throws bad input when so many series would take more memory than they may. */
export function checkMemory(count: number, rows: number, memoryMaxMb = MEMORY_MAX_MB): void {
  const megabytes = preparedBytes(count, rows) / 2 ** 20
  if (megabytes > memoryMaxMb)
    throw badInput(
      `${count} series of ${rows} rows take ${Math.ceil(megabytes)} MB, more than the ${memoryMaxMb} MB that are allowed`,
      { hint: 'take a shorter span, a higher timeframe or fewer series' },
    )
}

/** The tiles on and above the diagonal. */
function* tilesOf(shared: Pick<CorrelationTile, 'series' | 'correlations' | 'commonRows'>): Generator<CorrelationTile> {
  const { count } = shared.series
  for (let rowFrom = 0; rowFrom < count; rowFrom += TILE_SERIES)
    for (let columnFrom = rowFrom; columnFrom < count; columnFrom += TILE_SERIES)
      yield {
        ...shared,
        rowFrom,
        rowTo: Math.min(count, rowFrom + TILE_SERIES),
        columnFrom,
        columnTo: Math.min(count, columnFrom + TILE_SERIES),
      }
}
