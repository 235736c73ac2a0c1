import { badInput } from '../domain/errors.ts'
import { runHere, type RunOptions, type TaskRunner } from '../domain/worker-task.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ColumnSpec } from './column-spec.ts'
import { computeFrameColumns, type FrameOrder } from './column-task.ts'
import type { Source } from './fold.ts'
import { parseColumn } from './parse-column.ts'

/** The outputs of columns over one frame, by key and output; on memory that threads share. */
export type ComputedByKey = Readonly<Record<string, Readonly<Record<string, Float64Array>>>>

export interface ComputeColumnsOptions extends RunOptions {
  /** A worker pool of threads; without it all is computed in this thread. */
  readonly runner?: TaskRunner
}

/**
 * Computes columns over many frames, hundreds of symbols say, on as many threads as the runner has. Candles are copied
 * once into memory that the threads share (not at all when they lie there already), results are written where they stay.
 * The values are those of a column in this thread, to the bit.
 * @param columns of indicators that come with Tallow, composed ones too; timeframes count for nothing here.
 * @returns for each frame, in their order, arrays as long as the frame.
 * @throws bad input for a column of one's own: a worker does not know it.
 */
export async function computeColumns(
  frames: readonly CandleFrame[],
  columns: readonly ColumnSpec[],
  { runner = runHere, ...options }: ComputeColumnsOptions = {},
): Promise<readonly ComputedByKey[]> {
  for (const { key } of columns)
    if (parsedKey(key) !== key)
      throw badInput(`the column ${key} cannot be computed by a worker`, {
        hint: 'only indicators that come with Tallow can; compute your own with indicator.over(frame)',
      })
  const orders = frames.map(frame => orderOf(frame, columns))
  for await (const done of runner.map(computeFrameColumns, orders, options)) void done
  return orders.map(order =>
    Object.fromEntries(
      order.columns.map(({ key, outputs }, index) => [
        key,
        Object.fromEntries(columns[index]!.outputs.map((output, at) => [output, outputs[at]!])),
      ]),
    ),
  )
}

function parsedKey(key: string): string | undefined {
  try {
    return parseColumn(key).key
  } catch {
    return undefined
  }
}

function orderOf(frame: CandleFrame, columns: readonly ColumnSpec[]): FrameOrder {
  const lanes = new Set<Source | 'time'>(['time', ...columns.flatMap(({ inputs }) => inputs)])
  return {
    rows: frame.length,
    lanes: Object.fromEntries([...lanes].map(lane => [lane, shared(frame[lane].values.subarray(0, frame.length))])),
    columns: columns.map(({ key, outputs }) => ({ key, outputs: outputs.map(() => sharedRows(frame.length)) })),
  }
}

function shared(values: Float64Array): Float64Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const copy = sharedRows(values.length)
  copy.set(values)
  return copy
}

function sharedRows(rows: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(rows * Float64Array.BYTES_PER_ELEMENT))
}
