import { fromNumber } from '../domain/money.ts'
import { parseStake } from '../domain/stake.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import type { AccountOptions } from '../engine/state.ts'
import { riskLimits } from './config/risk-section.ts'
import type { Config } from './config/schema.ts'

const BASIS_POINTS = 10_000n

/**
 * The account that a config describes: the same for a backtest and for a run.
 * @param slots number of symbols, which share the stake `all`.
 * @param timeframe that decides.
 */
export function accountOf({ bot, trading, risk }: Config, slots: number, timeframe: Timeframe): AccountOptions {
  return {
    bot,
    cash: fromNumber(trading.cash),
    stake: parseStake(trading.stake, slots),
    feeRate: fromNumber(trading.fee_rate),
    makerFeeRate: fromNumber(trading.maker_fee_rate ?? trading.fee_rate),
    slippageRate: fromNumber(trading.slippage_bps) / BASIS_POINTS,
    limits: riskLimits(risk, timeframe),
  }
}
