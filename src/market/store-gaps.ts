import type { StoreStatements } from './store-statements.ts'

/**
 * Why an exchange has no candles: nobody traded; the whole exchange stood still; trading in this market had ended or was
 * halted; it had not begun; or they are only not fetched yet, since the exchange did not answer.
 */
export type GapCause = 'no-trades' | 'outage' | 'delisting' | 'not-listed' | 'not-fetched'

export interface KnownGap {
  /** Open times of the first and last candle that the exchange has not, UTC ms. */
  readonly from: number
  readonly to: number
  readonly cause: GapCause
  /** When it was found out, UTC ms. */
  readonly atMs: number
}

/** The causes of gaps, beside the candles. Within the caller's transaction. */
export class StoreGaps {
  readonly #statements: StoreStatements

  constructor(statements: StoreStatements) {
    this.#statements = statements
  }

  read(id: number): KnownGap[] {
    const rows = this.#statements.gaps.all(id) as [number, number, GapCause, number][]
    return rows.map(([from, to, cause, atMs]) => ({ from, to, cause, atMs }))
  }

  /** What was known of the same bars goes. */
  put(id: number, gaps: readonly KnownGap[]): void {
    for (const { from, to } of gaps) this.#statements.dropGaps.run(id, from, to)
    for (const { from, to, cause, atMs } of gaps) this.#statements.putGap.run(id, from, to, cause, atMs)
  }
}
