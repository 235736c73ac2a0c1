import assert from 'node:assert/strict'
import { float, units } from '../support/decimal-text.ts'
import type { EventRow, FillRow, LedgerRows, OrderRow, TradeRow } from '../support/ledger-rows.ts'

/** How many rows of each kind there were. */
export type RowCounts = Readonly<Record<'orders' | 'fills' | 'trades' | 'events', number>>

export function rowCounts(rows: LedgerRows | undefined): RowCounts {
  return {
    orders: rows?.orders.length ?? 0,
    fills: rows?.fills.length ?? 0,
    trades: rows?.trades.length ?? 0,
    events: ends(rows).length,
  }
}

const ORDER =
  /^(?:decided to|told to|leaving by) (buy|sell)(?:ing)? (\S+) (?:for )?[\d.,]+(?: (limit|stop) ([\d.,]+))? {2}(\S+): (.*)$/
const FILL = /^(bought|sold) (\S+) ([\d.,]+) at ([\d.,]+), fee ([\d.,]+), (\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?$/
const TRADE = /^trade closed (\S+) ([+-]?[\d.,]+) {2}(\S+): (.*)$/
const ORDER_END = /^order (\S+) (canceled|rejected): (.*)$/

/**
 * Everything that a process told of orders, fills and trades is in the ledger: what it told is how the rows begin that it
 * added. They may go on: it can die between its commit and its words.
 * @returns how many such lines there were.
 */
export function checkTold(said: readonly string[], rows: LedgerRows | undefined, before: RowCounts): number {
  const lines = (pattern: RegExp): readonly RegExpExecArray[] =>
    said.map(line => pattern.exec(line)).filter(match => match !== null)
  return (
    checkKind('order', lines(ORDER), rows?.orders.slice(before.orders), sameOrder) +
    checkKind('fill', lines(FILL), rows?.fills.slice(before.fills), sameFill) +
    checkKind('trade', lines(TRADE), rows?.trades.slice(before.trades), sameTrade) +
    checkKind('end of an order', lines(ORDER_END), ends(rows).slice(before.events), sameEnd)
  )
}

function checkKind<Row>(
  kind: string,
  told: readonly RegExpExecArray[],
  rows: readonly Row[] = [],
  same: (line: RegExpExecArray, row: Row) => boolean,
): number {
  for (const [index, line] of told.entries()) {
    const row = rows[index]
    assert.ok(row !== undefined, `told but not in the ledger: ${line[0]}`)
    assert.ok(same(line, row), `told "${line[0]}", but the ledger's ${kind} is ${JSON.stringify(row)}`)
  }
  return told.length
}

function ends(rows: LedgerRows | undefined): readonly EventRow[] {
  return (rows?.events ?? []).filter(({ status }) => status === 'canceled' || status === 'rejected')
}

function sameOrder(
  [, side, symbol, type = 'market', price, strategy, reason]: RegExpExecArray,
  row: OrderRow,
): boolean {
  return (
    side === row.side &&
    symbol === row.symbol &&
    type === row.type &&
    strategy === row.strategy &&
    reason === row.reason &&
    (price === undefined || near(price, row.price ?? '0', 8))
  )
}

function sameFill(
  [, did, symbol, amount = '', price = '', fee = '', day, time]: RegExpExecArray,
  row: FillRow,
): boolean {
  return (
    (did === 'bought') === (row.side === 'buy') &&
    symbol === row.symbol &&
    `${day}T${time}` === new Date(row.time).toISOString().slice(0, 16) &&
    near(amount, row.amount, 8) &&
    near(price, row.price, 8) &&
    near(fee, row.fee, 2)
  )
}

function sameTrade([, symbol, profit = '', strategy, reason]: RegExpExecArray, row: TradeRow): boolean {
  return symbol === row.symbol && strategy === row.strategy && reason === row.exit_reason && near(profit, row.profit, 2)
}

function sameEnd([, id, status, reason]: RegExpExecArray, row: EventRow): boolean {
  return id === row.client_id && status === row.status && reason === row.reason
}

/** A number as people are told it, rounded to so many decimals, beside the exact one. */
function near(told: string, exact: string, decimals: number): boolean {
  return Math.abs(Number(told.replaceAll(',', '')) - float(units(exact))) <= 0.51 * 10 ** -decimals
}
