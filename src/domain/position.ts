import { multiply, multiplyUp, toNumber, type Decimal } from './money.ts'
import type { PositionSide } from './order.ts'

/** What a strategy holds of a symbol, from the first fill to the one that leaves nothing. */
export interface Position {
  readonly side: PositionSide
  /** Held now, in base units. */
  readonly amount: Decimal
  /** What is held now was worth so much as it was entered, without fees. For a short also its collateral. */
  readonly cost: Decimal
  /** Average price of all entries, without fees. */
  readonly entryPrice: Decimal
  /** Open time of the candle of the first fill, UTC ms. */
  readonly entryTime: number
  /** All that was entered: base units, and their value without fees. */
  readonly entered: Decimal
  readonly entryValue: Decimal
  /** All that was exited so far: base units, and their value without fees. */
  readonly exited: Decimal
  readonly exitValue: Decimal
  /** Cash that it took so far, fees included, and cash that came back. */
  readonly paid: Decimal
  readonly returned: Decimal
  /** Fees so far, in quote currency; they are part of `paid` and `returned` already. */
  readonly fees: Decimal
  readonly entryReason: string
  /** Client id of the first entry: what the trade is named by. */
  readonly entryId: string
}

/** A round trip, from flat to flat. */
export interface Trade {
  readonly id: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: PositionSide
  readonly entryTime: number
  /** Average over all entries. */
  readonly entryPrice: Decimal
  /** Of the last exit. */
  readonly exitTime: number
  /** Average over all exits. */
  readonly exitPrice: Decimal
  /** All that was entered. */
  readonly amount: Decimal
  /** Entry and exit fees, in quote currency. */
  readonly fees: Decimal
  /** After fees, in quote currency. */
  readonly profit: Decimal
  readonly entryReason: string
  readonly exitReason: string
}

/**
 * What a position is worth at a price, without the fee of closing it: what cash would grow by. A short is its collateral
 * and what it gained or lost; it is never worth less than nothing, as with isolated margin.
 */
export function positionValue({ side, amount, cost }: Position, price: Decimal): Decimal {
  if (side === 'long') return multiply(amount, price)
  const value = 2n * cost - multiplyUp(amount, price)
  return value > 0n ? value : 0n
}

/** Profit in percent of what the entries cost, without fees. */
export function profitPercent(trade: Trade): number {
  return (toNumber(trade.profit) / toNumber(multiplyUp(trade.entryPrice, trade.amount))) * 100
}
