import type { TradeRow } from '../../backtest/document.ts'
import type { LegName } from '../../domain/leg-name.ts'
import type { Timeframe } from '../../domain/timeframe.ts'
import type { TradingMode } from '../../domain/trading-mode.ts'
import type { Decision } from '../../ledger/ledger.ts'
import type { OrderRow } from '../../runtime/control/order-row.ts'

/** Why, or why not: what `explain --json` prints. Times are UTC ms; null stands for what is not known. */
export interface Explanation {
  readonly symbol: string
  /** That was asked about. */
  readonly time: number
  readonly bots: readonly BotExplanation[]
}

export interface BotExplanation {
  readonly bot: string
  /** What the owner lets the bot do now, and since when, by this machine's time. */
  readonly mode: TradingMode
  readonly modeReason: string
  readonly modeSince: number | null
  readonly legs: readonly LegExplanation[]
}

/** One strategy on the symbol of one exchange. */
export interface LegExplanation extends LegName {
  readonly timeframe: Timeframe
  /** Open time and close of the candle that contains the time. */
  readonly candle: { readonly openTime: number; readonly closeTime: number }
  /** The answer, in a sentence or two. */
  readonly answer: string
  /** Whether the strategy was asked at this candle at all. */
  readonly decided: boolean
  /** The newest recorded decision at the candle or before it. Only changes are recorded. */
  readonly decision: Pick<Decision, 'time' | 'outcome' | 'reason' | 'values'> | null
  /** Decided at its close, or filled in it. */
  readonly orders: readonly OrderRow[]
  /** Begun or ended in it. */
  readonly trades: readonly TradeRow[]
  /** Of the whole UTC day. */
  readonly refusals: readonly { readonly reason: string; readonly count: number }[]
}
