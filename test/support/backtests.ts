import { parseDecimal, type Decimal } from '../../src/domain/money.ts'
import { parseStake } from '../../src/domain/stake.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import type { ColumnProvider, MarketOptions } from '../../src/engine/market.ts'
import type { AccountOptions } from '../../src/engine/state.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
import type { RiskLimits } from '../../src/risk/limits.ts'
import type { Strategy } from '../../src/strategy/define.ts'
import { instantiate, type StrategyInstance } from '../../src/strategy/instance.ts'

/** Columns without a cache. */
export const plainColumns: ColumnProvider = { get: (_key, frame, spec) => new ComputedColumns(spec, frame) }

export function instanceOf(
  strategy: Strategy,
  timeframe: Timeframe,
  params: Record<string, unknown> = {},
  name = 'test',
): StrategyInstance {
  return instantiate({ name, hash: 'test', file: `${name}.ts`, strategy }, params, timeframe)
}

export function marketOf(
  symbol: string,
  timeframe: Timeframe,
  frame: CandleFrame,
  more: Partial<MarketOptions> = {},
): MarketOptions {
  return { series: { exchange: 'test', symbol, timeframe }, frame, ...more }
}

/** Money as decimal text. */
export interface TestAccount {
  readonly cash?: string
  readonly stake?: string
  readonly fee?: string
  readonly makerFee?: string
  readonly slippage?: string
  readonly limits?: RiskLimits
}

/** A backtest on `test:A/USDT` and so on, with defaults of the command. */
export function backtest(
  strategies: readonly StrategyInstance[],
  markets: readonly MarketOptions[],
  account: TestAccount = {},
): BacktestOutcome {
  return runBacktest({
    strategies,
    markets,
    account: accountFrom(markets.length, account),
    provider: plainColumns,
  })
}

export function accountOf(symbols: number, cash: Decimal, stake: string, fee: string): AccountOptions {
  return { bot: 'test', cash, stake: parseStake(stake, symbols), feeRate: parseDecimal(fee) }
}

/** @param symbols that a stake of `all` is shared among. */
export function accountFrom(symbols: number, account: TestAccount): AccountOptions {
  const { cash = '10000', stake = 'all', fee = '0.001', makerFee, slippage, limits } = account
  return {
    ...accountOf(symbols, parseDecimal(cash), stake, fee),
    ...(makerFee === undefined ? {} : { makerFeeRate: parseDecimal(makerFee) }),
    ...(slippage === undefined ? {} : { slippageRate: parseDecimal(slippage) }),
    ...(limits === undefined ? {} : { limits }),
  }
}
