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
    this.outputs = spec.outputs.map(() => new Column(0))
    this.#frame = frame
    this.#fold = spec.createFold()
  }

  /** Brings the columns level with the frame: one row live, all rows at the first candle of a backtest. */
  advance(): void {
    const from = this.length
    const to = this.#frame.length
    if (to === from) return
    const outputs = this.outputs
    // The first time there is nothing to keep, and the fold writes every row: no need to fill them with NaN before.
    if (from === 0) for (let index = 0; index < outputs.length; index++) outputs[index]!.values = new Float64Array(to)
    else for (let index = 0; index < outputs.length; index++) outputs[index]!.reserve(to)
    this.#fold.advance(this.#frame, outputs, from, to)
    this.length = to
  }
}
