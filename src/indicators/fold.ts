import type { Column } from '../frame/column.ts'

/** The lane of a frame that an indicator reads. */
export type Source = 'open' | 'high' | 'low' | 'close' | 'volume'

/** Every lane that an indicator can read, in the order in which they are listed. */
export const SOURCES: readonly Source[] = ['open', 'high', 'low', 'close', 'volume']

/**
 * What a fold reads: a candle frame, or one in which another column stands in for a lane. The columns are read anew
 * in each call: `input.close.values`.
 */
export type Lanes = { readonly [L in Source | 'time']: Column }

/**
 * The running state of one indicator over one frame. Called with adjoining ranges only: a batch is one call over
 * all rows, a live update a call over one row; the results are the same to the bit.
 *
 * An input that is not a finite number gives NaN from its row on: where the values follow from a window, until that
 * row has left it; where they follow from all rows before, until the fold has gathered as many finite rows as it needs
 * at the start. NaN never turns into a number that looks right.
 */
export interface Fold {
  /**
   * Computes rows `[from, to)` of every output. Rows without a value get NaN: each of the rows is written.
   * @param input its rows below `to` are there; what lies behind them is not to be read.
   * @param out one column per output, in the definition's order, with room for `to` rows.
   */
  advance(input: Lanes, out: readonly Column[], from: number, to: number): void
}
