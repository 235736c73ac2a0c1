import { toNumber } from '../../domain/money.ts'
import type { OrderPurpose, OrderSide, OrderStatus, OrderType } from '../../domain/order.ts'
import type { OrderRecord } from '../../ledger/ledger.ts'

/** An order as `orders --json` and `status --json` print it. Times are UTC ms; null stands for what there is not. */
export interface OrderRow {
  /** The client id. */
  readonly id: string
  readonly bot: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: OrderSide
  readonly purpose: OrderPurpose
  readonly type: OrderType
  /** Of a limit the worst price, of a stop the one that triggers it. */
  readonly price: number | null
  /** Base units; null when `quote` says what may be spent. */
  readonly amount: number | null
  /** In quote currency, fees included. */
  readonly quote: number | null
  readonly status: OrderStatus
  /** Open time of the candle at whose close it was decided. */
  readonly decidedAt: number
  /** Open time of the first candle in which it no longer fills. */
  readonly expiresAt: number | null
  readonly reason: string
  /** Why it was canceled or rejected; else empty. */
  readonly statusReason: string
  /** Of its fill: open time of its candle, price, base units, fee in quote currency. */
  readonly fillTime: number | null
  readonly fillPrice: number | null
  readonly fillAmount: number | null
  readonly fillFee: number | null
}

export function orderRow({ bot, order, status, statusReason, fill }: OrderRecord): OrderRow {
  return {
    id: order.clientId,
    bot,
    strategy: order.strategy,
    exchange: order.exchange,
    symbol: order.symbol,
    side: order.side,
    purpose: order.purpose,
    type: order.type,
    price: order.price === undefined ? null : toNumber(order.price),
    amount: 'amount' in order.size ? toNumber(order.size.amount) : null,
    quote: 'quote' in order.size ? toNumber(order.size.quote) : null,
    status,
    decidedAt: order.decidedAt,
    expiresAt: order.expiresAt ?? null,
    reason: order.reason,
    statusReason,
    fillTime: fill?.time ?? null,
    fillPrice: fill === undefined ? null : toNumber(fill.price),
    fillAmount: fill === undefined ? null : toNumber(fill.amount),
    fillFee: fill === undefined ? null : toNumber(fill.fee),
  }
}
