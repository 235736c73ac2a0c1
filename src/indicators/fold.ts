import type { CandleFrame } from '../frame/candle-frame.ts'
import type { Column } from '../frame/column.ts'

/** The lane of a frame that an indicator reads. */
export type Source = 'open' | 'high' | 'low' | 'close' | 'volume'

/**
 * The running state of one indicator over one frame. Called with adjoining ranges only: a batch is one call over
 * all rows, a live update a call over one row; the results are the same to the bit.
 *
 * An input that is not a finite number gives NaN from its row on until the fold has gathered as many finite rows
 * after it as it needs at the start: NaN never turns into a number that looks right.
 */
export interface Fold {
  /**
   * Computes rows `[from, to)` of every output. Rows without a value get NaN: each of the rows is written.
   * @param out one column per output, in the definition's order, with room for `to` rows.
   */
  advance(input: CandleFrame, out: readonly Column[], from: number, to: number): void
}
