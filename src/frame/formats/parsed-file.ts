import type { Lane } from './lanes.ts'
import type { RawRows } from './raw-rows.ts'

/** The dialects that can be read. freqtrade's JSON is ccxt's. */
export type Dialect = 'ccxt' | 'objects' | 'binance' | 'csv' | 'feather' | 'parquet'

/** What a reader of one dialect hands on. */
export interface ParsedFile {
  readonly dialect: Dialect
  readonly rows: RawRows
  /** What `rows.numbers` counts. */
  readonly unit: 'line' | 'row'
  /** Rows whose times are written as on a 12-hour clock: `2019-10-17 09-AM`. */
  readonly twelveHours?: number
  /** Field of each lane where the file names none and the order is assumed. */
  readonly assumedOrder: Readonly<Record<Lane, number>> | undefined
}

/** What a reader is told. */
export interface ReadRequest {
  /** Path, for messages. */
  readonly path: string
  /** Column order from the user, which goes before the file's own names. */
  readonly columns: readonly string[] | undefined
  /** Base asset of the symbol, if known. */
  readonly base: string | undefined
}
