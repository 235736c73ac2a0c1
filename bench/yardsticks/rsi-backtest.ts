/** What the two hand-written backtests trade: RSI by Wilder, long only, all in, market orders filled at the next open. */
export interface RsiRules {
  readonly period: number
  readonly buyBelow: number
  readonly sellAbove: number
  /** Share of the value of each fill. */
  readonly feeRate: number
  /** In quote currency. */
  readonly cash: number
}

export const RSI_RULES: RsiRules = { period: 14, buyBelow: 30, sellAbove: 70, feeRate: 0.001, cash: 10_000 }

export interface RsiBacktest {
  /** Closed round trips. */
  readonly trades: number
  /** Cash, plus what is still held at the last close. */
  readonly finalEquity: number
  /** Rows at whose open was bought; one more than exits when a position is open at the end. */
  readonly entryRows: readonly number[]
  readonly exitRows: readonly number[]
}
