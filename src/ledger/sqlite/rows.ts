import type { Fill } from '../../domain/fill.ts'
import { formatDecimal, parseDecimal } from '../../domain/money.ts'
import type { Order, OrderSide } from '../../domain/order.ts'
import type { Trade } from '../../domain/position.ts'

export interface OrderRow {
  client_id: string
  strategy: string
  exchange: string
  symbol: string
  side: OrderSide
  amount: string | null
  quote: string | null
  decided_at: number
  reason: string
}

export function orderRow(order: Order): OrderRow {
  return {
    client_id: order.clientId,
    strategy: order.strategy,
    exchange: order.exchange,
    symbol: order.symbol,
    side: order.side,
    amount: 'amount' in order.size ? formatDecimal(order.size.amount) : null,
    quote: 'quote' in order.size ? formatDecimal(order.size.quote) : null,
    decided_at: order.decidedAt,
    reason: order.reason,
  }
}

export function orderOf(row: OrderRow): Order {
  return {
    clientId: row.client_id,
    strategy: row.strategy,
    exchange: row.exchange,
    symbol: row.symbol,
    side: row.side,
    size: row.amount === null ? { quote: parseDecimal(row.quote ?? '') } : { amount: parseDecimal(row.amount) },
    decidedAt: row.decided_at,
    reason: row.reason,
  }
}

export interface FillRow {
  fill_id: string
  client_id: string
  strategy: string
  exchange: string
  symbol: string
  side: OrderSide
  price: string
  amount: string
  fee: string
  time: number
}

export function fillRow(fill: Fill): FillRow {
  return {
    fill_id: fill.fillId,
    client_id: fill.clientId,
    strategy: fill.strategy,
    exchange: fill.exchange,
    symbol: fill.symbol,
    side: fill.side,
    price: formatDecimal(fill.price),
    amount: formatDecimal(fill.amount),
    fee: formatDecimal(fill.fee),
    time: fill.time,
  }
}

export function fillOf(row: FillRow): Fill {
  return {
    fillId: row.fill_id,
    clientId: row.client_id,
    strategy: row.strategy,
    exchange: row.exchange,
    symbol: row.symbol,
    side: row.side,
    price: parseDecimal(row.price),
    amount: parseDecimal(row.amount),
    fee: parseDecimal(row.fee),
    time: row.time,
  }
}

export interface TradeRow {
  id: string
  strategy: string
  exchange: string
  symbol: string
  side: 'long'
  entry_time: number
  entry_price: string
  exit_time: number
  exit_price: string
  amount: string
  fees: string
  profit: string
  entry_reason: string
  exit_reason: string
}

export function tradeRow(trade: Trade): TradeRow {
  return {
    id: trade.id,
    strategy: trade.strategy,
    exchange: trade.exchange,
    symbol: trade.symbol,
    side: trade.side,
    entry_time: trade.entryTime,
    entry_price: formatDecimal(trade.entryPrice),
    exit_time: trade.exitTime,
    exit_price: formatDecimal(trade.exitPrice),
    amount: formatDecimal(trade.amount),
    fees: formatDecimal(trade.fees),
    profit: formatDecimal(trade.profit),
    entry_reason: trade.entryReason,
    exit_reason: trade.exitReason,
  }
}

export function tradeOf(row: TradeRow): Trade {
  return {
    id: row.id,
    strategy: row.strategy,
    exchange: row.exchange,
    symbol: row.symbol,
    side: row.side,
    entryTime: row.entry_time,
    entryPrice: parseDecimal(row.entry_price),
    exitTime: row.exit_time,
    exitPrice: parseDecimal(row.exit_price),
    amount: parseDecimal(row.amount),
    fees: parseDecimal(row.fees),
    profit: parseDecimal(row.profit),
    entryReason: row.entry_reason,
    exitReason: row.exit_reason,
  }
}
