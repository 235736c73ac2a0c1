import type { Decimal } from '../domain/money.ts'
import type { Fill } from '../domain/fill.ts'
import type { Order, OrderSide } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'
import type { Decision } from './ledger.ts'

/** Tables whose rows are only ever added, in the order in which they are read. */
export const ROW_TABLES = ['orders', 'fills', 'trades', 'equity', 'decisions'] as const
export type RowTable = (typeof ROW_TABLES)[number]

export type RowContent =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'equity'; readonly time: number; readonly equity: number; readonly cash: Decimal }
  /** `side` is that of the order that it became. */
  | { readonly kind: 'decision'; readonly decision: Decision; readonly side: OrderSide | undefined }

/** A row with its place among those of its table. */
export interface LedgerRow {
  /** Grows with each row of a table. Whole, above 0; of an equity row its instant. */
  readonly position: number
  /** Tells it from another row that came to stand at the same place in another file. */
  readonly mark: string
  readonly content: RowContent
}

/** Rows of one bot behind a place, for those who follow the ledger. Each call is one short read beside its writer. */
export interface LedgerRows {
  /** Oldest first. @param after a row's position; 0 is before the first. @throws TallowError */
  read(table: RowTable, after: number, max: number): readonly LedgerRow[]
  /** How many there are behind a place, and the place of the last: `after` when there are none. @throws TallowError */
  count(table: RowTable, after: number): { readonly count: number; readonly last: number }
  /**
   * Whether the rows up to a place are those that were read once: false after the ledger was put back from a backup or
   * begun anew. Of rows that are removed by age the younger ones tell. @throws TallowError
   */
  knows(table: RowTable, position: number, mark: string): boolean
  close(): void
}
