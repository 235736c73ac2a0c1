import type { Fill } from '../../domain/fill.ts'
import { fillValue } from '../../domain/fill.ts'
import { toNumber } from '../../domain/money.ts'
import type { Order, OrderSide } from '../../domain/order.ts'
import { profitPercent, type Trade } from '../../domain/position.ts'
import type { Decision } from '../../ledger/ledger.ts'
import type { LedgerRow, RowTable } from '../../ledger/ledger-rows.ts'
import type { Point, Tags } from '../point.ts'

/**
 * Every measurement that is projected from the ledger, with its fields and their types: a number is a float on the server.
 * A database refuses a field whose type has changed, so a type never changes here: a field of another type gets another name.
 */
interface Measurements {
  readonly order: Fields<'amount' | 'quote', 'client_id' | 'reason'>
  readonly fill: Fields<'price' | 'amount' | 'value' | 'fee', 'fill_id' | 'client_id'>
  readonly trade: Fields<
    'entry_price' | 'exit_price' | 'amount' | 'fees' | 'profit' | 'profit_percent' | 'duration_s',
    'id' | 'entry_reason' | 'exit_reason'
  >
  readonly equity: Fields<'equity' | 'cash'>
  /** `seen` is what the strategy saw, as JSON: the names of columns are the strategy's. */
  readonly decision: Fields<never, 'outcome' | 'reason' | 'seen'>
}

type Fields<Floats extends string, Strings extends string = never> = Partial<
  Record<Floats, number> & Record<Strings, string>
>

/** What the rows of a table are called in the database. */
export const MEASUREMENT_OF: Readonly<Record<RowTable, keyof Measurements>> = {
  orders: 'order',
  fills: 'fill',
  trades: 'trade',
  equity: 'equity',
  decisions: 'decision',
}

/** The one wallet that a bot has. */
const WALLET = 'main'
const SEQUENCES = 1_000_000

/**
 * What a row of the ledger says to the time-series database: always the same point. Rows of one millisecond are told
 * apart by their places in the ledger, which never change; a million of them would have to fall into one.
 */
export function pointOf({ position, content }: LedgerRow, bot: string): Point {
  const sequence = position % SEQUENCES
  switch (content.kind) {
    case 'order':
      return orderPoint(content.order, bot, sequence)
    case 'fill':
      return fillPoint(content.fill, bot, sequence)
    case 'trade':
      return tradePoint(content.trade, bot, sequence)
    case 'equity': {
      const fields = { equity: content.equity, cash: toNumber(content.cash) }
      // One an instant, and the instant is its place.
      return point('equity', { bot, wallet: WALLET }, fields, content.time, 0)
    }
    case 'decision':
      return decisionPoint(content.decision, content.side, bot, sequence)
  }
}

function orderPoint(order: Order, bot: string, sequence: number): Point {
  const size = 'amount' in order.size ? { amount: toNumber(order.size.amount) } : { quote: toNumber(order.size.quote) }
  const fields = { client_id: order.clientId, reason: order.reason, ...size }
  return point('order', tradingTags(bot, order), fields, order.decidedAt, sequence)
}

function fillPoint(fill: Fill, bot: string, sequence: number): Point {
  const fields = {
    fill_id: fill.fillId,
    client_id: fill.clientId,
    price: toNumber(fill.price),
    amount: toNumber(fill.amount),
    value: toNumber(fillValue(fill)),
    fee: toNumber(fill.fee),
  }
  return point('fill', tradingTags(bot, fill), fields, fill.time, sequence)
}

/** At its exit. */
function tradePoint(trade: Trade, bot: string, sequence: number): Point {
  const fields = {
    id: trade.id,
    entry_price: toNumber(trade.entryPrice),
    exit_price: toNumber(trade.exitPrice),
    amount: toNumber(trade.amount),
    fees: toNumber(trade.fees),
    profit: toNumber(trade.profit),
    profit_percent: profitPercent(trade),
    duration_s: (trade.exitTime - trade.entryTime) / 1_000,
    entry_reason: trade.entryReason,
    exit_reason: trade.exitReason,
  }
  return point('trade', tradingTags(bot, trade), fields, trade.exitTime, sequence)
}

/** At the open of its candle. The side is that of the order it became, else `none`. */
function decisionPoint(decision: Decision, side: OrderSide | undefined, bot: string, sequence: number): Point {
  const { outcome, reason, values } = decision
  const tags = tradingTags(bot, { ...decision, side: side ?? 'none' })
  return point('decision', tags, { outcome, reason, seen: JSON.stringify(values) }, decision.time, sequence)
}

function point<M extends keyof Measurements>(
  measurement: M,
  tags: Tags,
  fields: Measurements[M],
  timeMs: number,
  sequence: number,
): Point {
  return { measurement, tags, fields, timeMs, sequence }
}

function tradingTags(
  bot: string,
  of: { readonly exchange: string; readonly symbol: string; readonly strategy: string; readonly side: string },
): Tags {
  return { bot, exchange: of.exchange, symbol: of.symbol, strategy: of.strategy, side: of.side }
}
