import type { ExitPlan } from '../../domain/exit-plan.ts'
import type { LegName } from '../../domain/leg-name.ts'
import { toNumber, type Decimal } from '../../domain/money.ts'
import type { PositionSide } from '../../domain/order.ts'
import { positionValue, type Position } from '../../domain/position.ts'
import type { TradingMode } from '../../domain/trading-mode.ts'
import type { HeldPosition, ModeChange, OrderRecord } from '../../ledger/ledger.ts'
import { orderRow, type OrderRow } from './order-row.ts'

/** One bot as `status --json` prints it. Times are UTC ms; a number that is not known is null. */
export interface BotStatus {
  readonly bot: string
  /** Whether a daemon trades for it now. */
  readonly running: boolean
  readonly mode: TradingMode
  /** Who or what asked for the mode; empty when nobody ever did. */
  readonly modeReason: string
  readonly cash: number
  readonly equity: number | null
  /** Instant of the slice that the equity is of. */
  readonly equityTime: number | null
  readonly positions: readonly PositionStatus[]
  /** Those that rest. */
  readonly orders: readonly OrderRow[]
  /** What keeps entries back at the moment; known to the daemon alone. */
  readonly protections: readonly ActiveProtection[]
  /** Strategies that are not asked because of what they did; known to the daemon alone. */
  readonly excluded: readonly ExcludedStrategy[]
}

export interface PositionStatus extends LegName {
  readonly side: PositionSide
  /** Base units. */
  readonly amount: number
  readonly entryPrice: number
  readonly entryTime: number
  /** What is held was worth so much as it was entered, without fees. */
  readonly cost: number
  /** Price at which the stop triggers now. */
  readonly stop: number | null
  readonly takeProfit: number | null
  /** Close of the newest candle. */
  readonly price: number | null
  /** What is held is worth so much more at that price than it cost, before fees. */
  readonly unrealizedProfit: number | null
}

export interface ActiveProtection {
  readonly name: string
  /** Only this symbol; all of them when absent. */
  readonly symbol?: string
  readonly until: number
  readonly reason: string
}

export interface ExcludedStrategy {
  readonly strategy: string
  readonly reason: string
}

export interface BotStatusParts {
  readonly bot: string
  readonly running: boolean
  readonly cash: Decimal
  readonly equity: { readonly time: number; readonly equity: number } | undefined
  readonly mode: ModeChange | undefined
  readonly positions: readonly HeldPosition[]
  /** Those that rest. */
  readonly orders: readonly OrderRecord[]
  /** Newest close of a leg's symbol; undefined when it is not known. */
  readonly priceOf: (leg: LegName) => Decimal | undefined
  readonly protections: readonly ActiveProtection[]
  readonly excluded: readonly ExcludedStrategy[]
}

/** Puts a status together, the same from the daemon's memory and from the ledger. */
export function botStatus(parts: BotStatusParts): BotStatus {
  return {
    bot: parts.bot,
    running: parts.running,
    mode: parts.mode?.mode ?? 'on',
    modeReason: parts.mode?.reason ?? '',
    cash: toNumber(parts.cash),
    equity: parts.equity?.equity ?? null,
    equityTime: parts.equity?.time ?? null,
    positions: parts.positions.map(held => positionStatus(held, parts.priceOf(held.of))),
    orders: parts.orders.map(orderRow),
    protections: parts.protections,
    excluded: parts.excluded,
  }
}

function positionStatus({ of, position, exits }: HeldPosition, price: Decimal | undefined): PositionStatus {
  return {
    strategy: of.strategy,
    exchange: of.exchange,
    symbol: of.symbol,
    side: position.side,
    amount: toNumber(position.amount),
    entryPrice: toNumber(position.entryPrice),
    entryTime: position.entryTime,
    cost: toNumber(position.cost),
    stop: exits?.stop ?? null,
    takeProfit: exits === undefined ? null : takeProfitOf(position, exits.plan),
    price: price === undefined ? null : toNumber(price),
    unrealizedProfit: price === undefined ? null : toNumber(positionValue(position, price) - position.cost),
  }
}

/** To be read, not traded on: the price is not rounded to the market's tick. */
function takeProfitOf({ side, entryPrice }: Position, plan: ExitPlan): number | null {
  if (plan.takeProfitPrice !== undefined) return plan.takeProfitPrice
  if (plan.takeProfitPercent === undefined) return null
  const share = plan.takeProfitPercent / 100
  return toNumber(entryPrice) * (side === 'long' ? 1 + share : 1 - share)
}
