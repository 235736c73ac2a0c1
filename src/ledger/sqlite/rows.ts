import type { Fill, Liquidity } from '../../domain/fill.ts'
import { formatDecimal, parseDecimal } from '../../domain/money.ts'
import type { Order, OrderPurpose, OrderSide, OrderType, PositionSide } from '../../domain/order.ts'
import type { Trade } from '../../domain/position.ts'
import { planOf, planText } from '../exits-text.ts'

export interface OrderRow {
  client_id: string
  strategy: string
  exchange: string
  symbol: string
  side: OrderSide
  purpose: OrderPurpose
  type: OrderType
  price: string | null
  amount: string | null
  quote: string | null
  decided_at: number
  expires_at: number | null
  exits: string | null
  reason: string
}

export function orderRow(order: Order): OrderRow {
  return {
    client_id: order.clientId,
    strategy: order.strategy,
    exchange: order.exchange,
    symbol: order.symbol,
    side: order.side,
    purpose: order.purpose,
    type: order.type,
    price: order.price === undefined ? null : formatDecimal(order.price),
    amount: 'amount' in order.size ? formatDecimal(order.size.amount) : null,
    quote: 'quote' in order.size ? formatDecimal(order.size.quote) : null,
    decided_at: order.decidedAt,
    expires_at: order.expiresAt ?? null,
    exits: order.exits === undefined ? null : planText(order.exits),
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
    purpose: row.purpose,
    type: row.type,
    price: row.price === null ? undefined : parseDecimal(row.price),
    size: row.amount === null ? { quote: parseDecimal(row.quote ?? '') } : { amount: parseDecimal(row.amount) },
    decidedAt: row.decided_at,
    expiresAt: row.expires_at ?? undefined,
    exits: row.exits === null ? undefined : planOf(row.exits),
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
  slippage: string
  liquidity: Liquidity
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
    slippage: formatDecimal(fill.slippage),
    liquidity: fill.liquidity,
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
    slippage: parseDecimal(row.slippage),
    liquidity: row.liquidity,
    time: row.time,
  }
}

export interface TradeRow {
  id: string
  strategy: string
  exchange: string
  symbol: string
  side: PositionSide
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
