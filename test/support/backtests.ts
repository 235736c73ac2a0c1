import { parseDecimal, type Decimal } from '../../src/domain/money.ts'
import { parseStake } from '../../src/domain/stake.ts'
import type { Timeframe } from '../../src/domain/timeframe.ts'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import type { ColumnProvider, MarketOptions } from '../../src/engine/market.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { ComputedColumns } from '../../src/indicators/computed.ts'
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

export function marketOf(symbol: string, timeframe: Timeframe, frame: CandleFrame): MarketOptions {
  return { series: { exchange: 'test', symbol, timeframe }, frame }
}

export interface TestAccount {
  readonly cash?: string
  readonly stake?: string
  readonly fee?: string
}

/** A backtest on `test:A/USDT` and so on, with defaults of the command. */
export function backtest(
  strategies: readonly StrategyInstance[],
  markets: readonly MarketOptions[],
  { cash = '10000', stake = 'all', fee = '0.001' }: TestAccount = {},
): BacktestOutcome {
  return runBacktest({
    strategies,
    markets,
    account: accountOf(markets.length, parseDecimal(cash), stake, fee),
    provider: plainColumns,
  })
}

export function accountOf(
  symbols: number,
  cash: Decimal,
  stake: string,
  fee: string,
): Parameters<typeof runBacktest>[0]['account'] {
  return { bot: 'test', cash, stake: parseStake(stake, symbols), feeRate: parseDecimal(fee) }
}
