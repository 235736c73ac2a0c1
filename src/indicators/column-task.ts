import { workerTask } from '../domain/worker-task.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { ComputedColumns } from './computed.ts'
import type { Source } from './fold.ts'
import { parseColumn } from './parse-column.ts'

/** Columns to be computed over one frame, on memory that threads share. */
export interface FrameOrder {
  readonly rows: number
  readonly lanes: Readonly<Partial<Record<Source | 'time', Float64Array>>>
  readonly columns: readonly { readonly key: string; readonly outputs: readonly Float64Array[] }[]
}

/** In a worker: writes into the memory that it is handed. */
export const computeFrameColumns = workerTask(import.meta.url, 'computeFrameColumns', (order: FrameOrder): number => {
  const frame = new CandleFrame()
  for (const [lane, values] of Object.entries(order.lanes)) frame[lane as Source | 'time'].values = values
  frame.length = order.rows
  for (const { key, outputs } of order.columns) {
    const computed = new ComputedColumns(parseColumn(key), frame)
    computed.outputs.forEach((column, index) => {
      column.values = outputs[index]!
    })
    computed.advance()
  }
  return order.columns.length
})
