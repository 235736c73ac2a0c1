import { fromNumber } from '../domain/money.ts'
import type { Bot } from '../engine/bot.ts'
import { nameOf } from '../engine/state.ts'
import type { HeldPosition, ModeChange } from '../ledger/ledger.ts'
import { lockOf } from '../risk/protections.ts'
import { botStatus, type ActiveProtection, type BotStatus, type ExcludedStrategy } from './control/bot-status.ts'

/** What a bot that runs holds, waits for and is kept from, from its memory. */
export function runStatus(
  { state }: Bot,
  bot: string,
  mode: ModeChange | undefined,
  excluded: readonly ExcludedStrategy[],
): BotStatus {
  const newest = Math.max(...state.markets.map(({ frame }) => frame.lastTime))
  const positions = state.legs.flatMap((leg): HeldPosition[] =>
    leg.position === undefined ? [] : [{ of: nameOf(leg), position: leg.position, exits: leg.watch?.state() }],
  )
  const orders = state.legs.flatMap(({ pending }) =>
    pending === undefined
      ? []
      : [{ bot, order: pending.order, status: 'open', statusReason: '', fill: undefined } as const],
  )
  return botStatus({
    bot,
    running: true,
    cash: state.cash,
    equity: Number.isFinite(newest) ? { time: newest, equity: state.markedEquity() } : undefined,
    mode,
    positions,
    orders,
    priceOf: of => {
      const leg = state.findLeg(of)
      return leg === undefined || leg.market.frame.length === 0 ? undefined : fromNumber(leg.market.close)
    },
    protections: active(state),
    excluded,
  })
}

function active(state: Bot['state']): readonly ActiveProtection[] {
  const { protections } = state.limits
  if (protections === undefined) return []
  const equity = state.exactEquity()
  return state.markets.flatMap(market => {
    if (market.frame.length === 0) return []
    const lock = lockOf(protections, state.trades, market.series, market.frame.lastTime, equity)
    if (lock === undefined) return []
    return [{ name: lock.kind, symbol: market.series.symbol, until: lock.until, reason: `no entries: ${lock.kind}` }]
  })
}
