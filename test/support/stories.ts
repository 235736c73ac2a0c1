import { formatDecimal } from '../../src/domain/money.ts'
import type { Intent } from '../../src/domain/intent.ts'
import { runBacktest, type BacktestOutcome } from '../../src/backtest/run-backtest.ts'
import type { Placement } from '../../src/engine/bot.ts'
import type { Effect } from '../../src/engine/events.ts'
import type { MarketOptions } from '../../src/engine/market.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import { defineStrategy } from '../../src/index.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { accountFrom, instanceOf, marketOf, plainColumns, type TestAccount } from './backtests.ts'

export const MINUTE = 60_000

/** `[open, close]` or `[open, high, low, close]`; undefined leaves a gap. */
export type Row = readonly [number, number] | readonly [number, number, number, number] | undefined

/** Candles of one minute from time 0, or of another length. */
export function candles(rows: readonly Row[], lengthMs = MINUTE): CandleFrame {
  const frame = new CandleFrame()
  for (const [index, row] of rows.entries()) {
    if (row === undefined) continue
    const [open, high, low, close] =
      row.length === 4 ? row : [row[0], Math.max(row[0], row[1]), Math.min(row[0], row[1]), row[1]]
    frame.append(index * lengthMs, open, high, low, close, 1)
  }
  return frame
}

/** Wants at each minute what the script says; also what makes no sense. */
export function scripted(script: Readonly<Record<number, Intent>>, name = 'test'): StrategyInstance {
  return instanceOf(defineStrategy({ decide: ({ time }) => script[time / MINUTE] }), '1m', {}, name)
}

export interface StoryOptions extends TestAccount {
  readonly placement?: Placement
}

export interface Told extends BacktestOutcome {
  readonly story: readonly string[]
}

/** A backtest without fee that tells what happened, in order, with times in minutes. */
export function play(
  strategies: readonly StrategyInstance[],
  markets: readonly MarketOptions[],
  { placement, fee = '0', ...account }: StoryOptions = {},
): Told {
  const story: string[] = []
  const outcome = runBacktest({
    strategies,
    markets,
    account: accountFrom(markets.length, { fee, ...account }),
    provider: plainColumns,
    observe: effect => story.push(tell(effect)),
    ...(placement === undefined ? {} : { placement }),
  })
  return { ...outcome, story }
}

/** One script on `A/USDT`. */
export function playOne(
  script: Readonly<Record<number, Intent>>,
  rows: readonly Row[],
  options: StoryOptions = {},
): Told {
  return play([scripted(script)], [marketOf('A/USDT', '1m', candles(rows))], options)
}

export function tell(effect: Effect): string {
  switch (effect.kind) {
    case 'place': {
      const { decidedAt, strategy, side, symbol, type, price, purpose, reason } = effect.order
      if (purpose === 'protect') return `${decidedAt / MINUTE}: ${reason} of ${strategy} on ${symbol}`
      const level = price === undefined ? '' : ` ${type} ${formatDecimal(price)}`
      return `${decidedAt / MINUTE}: ${strategy} places ${side} ${symbol}${level}`
    }
    case 'canceled':
      return `${effect.order.purpose} canceled: ${effect.reason}`
    case 'filled': {
      const { side, amount, price, fee, time, strategy, slippage, liquidity } = effect.fill
      const worse = slippage === 0n ? '' : `, slippage ${formatDecimal(slippage)}`
      const maker = liquidity === 'maker' ? ' as maker' : ''
      const what = `${side} ${formatDecimal(amount)} at ${formatDecimal(price)}${maker}`
      return `${time / MINUTE}: ${strategy} ${what}, fee ${formatDecimal(fee)}${worse}`
    }
    case 'trade-closed':
      return `trade of ${effect.trade.strategy}: ${formatDecimal(effect.trade.profit)}`
    case 'rejected':
      return `rejected: ${effect.reason}`
    case 'refused':
      return `${effect.time / MINUTE}: refused: ${effect.reason}`
  }
}
