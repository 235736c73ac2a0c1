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

  constructor(spec: ColumnSpec, frame: CandleFrame) {
    this.key = spec.key
    this.outputNames = spec.outputs
    this.outputs = spec.outputs.map(() => new Column(frame.length))
    this.#frame = frame
    this.#fold = spec.createFold()
  }

  /** Brings the columns level with the frame: one row live, all rows at the first candle of a backtest. */
  advance(): void {
    const to = this.#frame.length
    if (to === this.length) return
    for (const column of this.outputs) column.reserve(to)
    this.#fold.advance(this.#frame, this.outputs, this.length, to)
    this.length = to
  }
}
