import type { CandleFrame } from '../frame/candle-frame.ts'
import { Column } from '../frame/column.ts'
import type { ColumnSpec } from './column-spec.ts'
import type { Fold, Lanes } from './fold.ts'

type Advance = (this: Fold, ...ranges: Parameters<Fold['advance']>) => void

/** The outputs of one indicator over one frame, kept level with it. */
export class ComputedColumns {
  readonly key: string
  readonly outputs: readonly Column[]
  readonly outputNames: readonly string[]
  readonly spec: ColumnSpec
  readonly frame: CandleFrame
  length = 0
  /** The column that it reads in place of a lane; brought level before it. */
  readonly #inner: ComputedColumns | undefined
  readonly #lanes: Lanes
  #fold: Fold
  /** Of the fold. Folds are of fifty kinds: to look it up with each row would cost as much as the row itself. */
  #advanceFold: Advance
  /** Rows that all the columns have room for. */
  #capacity = 0

  /** @param inner the columns of `spec.input`, when they are there already, over the same frame. */
  constructor(spec: ColumnSpec, frame: CandleFrame, inner?: ComputedColumns) {
    this.key = spec.key
    this.spec = spec
    this.outputNames = spec.outputs
    this.outputs = spec.outputs.map(() => new Column(0))
    this.frame = frame
    this.#inner = innerColumns(spec, frame, inner)
    this.#lanes = lanesOf(spec, frame, this.#inner)
    this.#fold = spec.createFold()
    this.#advanceFold = methodOf(this.#fold)
  }

  /** Brings the columns level with the frame: one row live, all rows at the first candle of a backtest. */
  advance(): void {
    const from = this.length
    const to = this.frame.length
    if (to === from) return
    this.#inner?.advance()
    if (to > this.#capacity) this.#makeRoom(from, to)
    this.#advanceFold.call(this.#fold, this.#lanes, this.outputs, from, to)
    this.length = to
  }

  /**
   * Computes anew what has been computed, from the first row on, and in place: rows of the frame say something else
   * than before. A fold cannot go back; from a later row on, what it adds up would not be the same to the bit.
   */
  renew(): void {
    if (this.length === 0) return
    this.#inner?.renew()
    this.#fold = this.spec.createFold()
    this.#advanceFold = methodOf(this.#fold)
    this.length = 0
    this.advance()
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

function innerColumns(
  { input }: ColumnSpec,
  frame: CandleFrame,
  given: ComputedColumns | undefined,
): ComputedColumns | undefined {
  if (input === undefined || !('column' in input)) return undefined
  return given ?? new ComputedColumns(input.column, frame)
}

function lanesOf({ input }: ColumnSpec, frame: CandleFrame, inner: ComputedColumns | undefined): Lanes {
  if (input === undefined) return frame
  const column = 'lane' in input ? frame[input.lane] : inner?.outputs[input.output]
  if (column === undefined) return frame
  const { time, open, high, low, close, volume } = frame
  return { time, open, high, low, close, volume, [input.standsFor]: column }
}

function methodOf({ advance }: { readonly advance: Advance }): Advance {
  return advance
}
