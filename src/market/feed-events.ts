import type { TallowError } from '../domain/errors.ts'
import type { BoundaryDefect, DefectiveRow } from './boundary.ts'

/** What does not go as it does in textbooks. Each is told once, counted, and left to the composer to log. Times are UTC ms. */
export type FeedEvent =
  | {
      /** Bars that the exchange does not have, confirmed by a second request. */
      readonly kind: 'gap'
      readonly series: string
      /** Open time of the first missing bar. */
      readonly from: number
      /** Exclusive: open time of the next bar that is there. */
      readonly to: number
      readonly missing: number
    }
  | {
      readonly kind: 'late'
      readonly series: string
      readonly openTime: number
      /** False: the bar's slice was sealed without it. True: it came after that; it is stored, no slice has it. */
      readonly arrived: boolean
    }
  | {
      /** The exchange said two things about one bar. The first is kept; of a candle that was stored, the store records the other. */
      readonly kind: 'revised'
      readonly series: string
      readonly openTime: number
      readonly what: 'candle' | 'open'
    }
  | {
      /** Rows of one answer that are not as they have to be. */
      readonly kind: 'refused-row'
      readonly series: string
      readonly rows: readonly DefectiveRow[]
    }
  | {
      readonly kind: 'fetch-failed'
      readonly series: string
      readonly error: TallowError
      /** How many fetches of this series failed in a row, each with its retries. */
      readonly failures: number
    }
  | {
      /** The newest closed candle is overdue: told before a second bar is missed, once, and once when candles come again. */
      readonly kind: 'stale'
      readonly series: string
      /** Close of the newest candle that there is, UTC ms. */
      readonly lastClose: number
      /** False: it was stale and no longer is. */
      readonly stale: boolean
    }
  | {
      readonly kind: 'delisted'
      readonly series: string
      /** What the exchange said. Undefined: it has candles again. */
      readonly reason: string | undefined
    }
  | {
      /** Nothing but one request at a time is sent while the exchange answers none. */
      readonly kind: 'exchange-away'
      /** False: it was away and answers again. */
      readonly away: boolean
      /** What the newest request failed with. */
      readonly error: TallowError | undefined
      /** How long it has been away, exchange ms. */
      readonly awayMs: number
    }
  | {
      /** Candles wait in memory for a store that takes none; slices go on without it. */
      readonly kind: 'store-failed'
      readonly error: TallowError
      /** In a row. */
      readonly failures: number
      /** Rows that no longer wait, since too many do: the next start fetches them again. */
      readonly dropped: number
    }

export interface FeedMetrics {
  /** Real ms; undefined before the first answer. */
  readonly averageFetchMs: number | undefined
  readonly requests: number
  readonly fetchFailures: number
  /** Rows that came over the network, without the forming ones; those that were known already or were refused among them. */
  readonly rowsFetched: number
  /** Close of the newest candle that was handed out, by series key, UTC ms. */
  readonly lastClosed: Readonly<Record<string, number>>
  readonly slices: number
  /** Instants at which bars were due and no series had one. */
  readonly emptyInstants: number
  /** Bars that their slice was sealed without (they are in its `late`). */
  readonly absentBars: number
  /** Rows that came after their slice had been sealed. */
  readonly lateRows: number
  readonly gaps: number
  readonly gapBars: number
  readonly revisedRows: number
  readonly refusedRows: Readonly<Partial<Record<BoundaryDefect, number>>>
  /** From bar close to sealed slice, exchange ms, of the newest slice; undefined before the first. */
  readonly sealLagMs: number | undefined
  /** Instant of the slice that is gathered now. */
  readonly waitingFor: number | undefined
  /** Rows that wait for their slice. */
  readonly pendingRows: number
  /** Series that are due and wait for their turn to be asked for. */
  readonly overdueSeries: number
  /** Series that have been asked for and not answered. */
  readonly requestsUnderWay: number
  /** Keys of the series whose newest candle is overdue, ordered. */
  readonly stale: readonly string[]
  /** Keys of the series that the exchange no longer trades, ordered. */
  readonly delisted: readonly string[]
}
