import { multiplyUp, toNumber, type Decimal } from './money.ts'

/** What a strategy holds of a symbol. */
export interface Position {
  readonly side: 'long'
  readonly amount: Decimal
  /** Average price paid per unit, without fees. */
  readonly entryPrice: Decimal
  /** Open time of the candle of the first fill, UTC ms. */
  readonly entryTime: number
  /** Quote currency paid for it, without fees. */
  readonly cost: Decimal
  /** Fees paid so far, in quote currency. */
  readonly fees: Decimal
  readonly entryReason: string
  /** Client id of the entry: what the trade is named by. */
  readonly entryId: string
}

/** A round trip. */
export interface Trade {
  readonly id: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: 'long'
  readonly entryTime: number
  readonly entryPrice: Decimal
  readonly exitTime: number
  readonly exitPrice: Decimal
  readonly amount: Decimal
  /** Entry and exit fees, in quote currency. */
  readonly fees: Decimal
  /** After fees, in quote currency. */
  readonly profit: Decimal
  readonly entryReason: string
  readonly exitReason: string
}

/** Profit in percent of what the entry cost, without fees. */
export function profitPercent(trade: Trade): number {
  return (toNumber(trade.profit) / toNumber(multiplyUp(trade.entryPrice, trade.amount))) * 100
}
