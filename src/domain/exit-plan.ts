/**
 * What ends a position without being asked: as a strategy declares it with the entry. Percents are of the entry price,
 * on the side that the word says: a stop loss of 3 lies 3 % below the entry of a long, 3 % above that of a short.
 */
export interface ExitPlan {
  readonly stopLossPercent?: number
  /** The same as a price, in quote currency. */
  readonly stopLossPrice?: number
  readonly takeProfitPercent?: number
  /** The same as a price, in quote currency. */
  readonly takeProfitPrice?: number
  readonly trailing?: TrailingStop
  /** Steps by age, youngest first: from `afterMinutes` on, `percent` of profit after fees is enough. */
  readonly roi?: readonly RoiStep[]
  /** Closed at the open of the candle so many candles after that of the entry. */
  readonly maxHoldCandles?: number
}

/** A stop that follows the best price since the entry. */
export interface TrailingStop {
  /** Distance from the best price. */
  readonly percent: number
  /** The profit at which it begins to trail by `percent`; default 0: from the entry on. */
  readonly afterPercent?: number
  /** Distance until `afterPercent` is reached; default: it stays where the stop loss is. */
  readonly earlyPercent?: number
}

export interface RoiStep {
  /** Since the entry. */
  readonly afterMinutes: number
  /** Negative: out at any price. */
  readonly percent: number
}

/** What an exit plan has come to for a position that is held. */
export interface ExitState {
  readonly plan: ExitPlan
  /** Price at which the stop triggers now; undefined without one. */
  readonly stop: number | undefined
  /** Whether the stop has moved from where it was at the entry. */
  readonly trailed: boolean
}
