import type { CandleFrame } from '../frame/candle-frame.ts'
import { Column } from '../frame/column.ts'
import type { ColumnSpec } from './define.ts'
import type { Fold } from './fold.ts'

/** The outputs of one indicator over one frame, kept level with it. */
export class ComputedColumns {
  readonly key: string
  readonly outputs: readonly Column[]
  readonly outputNames: readonly string[]
  length = 0
  readonly #frame: CandleFrame
  readonly #fold: Fold
  /** Rows that all the columns have room for. */
  #capacity = 0

  constructor(spec: ColumnSpec, frame: CandleFrame) {
    this.key = spec.key
    this.outputNames = spec.outputs
    this.outputs = spec.outputs.map(() => new Column(0))
    this.#frame = frame
    this.#fold = spec.createFold()
  }

  /** Brings the columns level with the frame: one row live, all rows at the first candle of a backtest. */
  advance(): void {
    const from = this.length
    const to = this.#frame.length
    if (to === from) return
    if (to > this.#capacity) this.#makeRoom(from, to)
    this.#fold.advance(this.#frame, this.outputs, from, to)
    this.length = to
  }

  #makeRoom(from: number, to: number): void {
    for (const column of this.outputs) {
      // The first time there is nothing to keep, and the fold writes every row: no need to fill them with NaN before.
      if (from === 0 && column.values.length < to) column.values = new Float64Array(to)
      else column.reserve(to)
    }
    this.#capacity = Math.min(...this.outputs.map(column => column.values.length))
  }
}
