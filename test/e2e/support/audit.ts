import assert from 'node:assert/strict'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { checkDecidedOnce, checkOrders, orderById } from './audit-orders.ts'
import { closesOf } from './closes.ts'
import { float, textOf, units } from './decimal-text.ts'
import { readLedger, type LedgerRows, type PositionRow, type TradeRow } from './ledger-rows.ts'
import { legOf, OwnBook, type Closed, type Held } from './own-book.ts'

/** What the ledger of a run holds, counted and added up without any of Tallow's own arithmetic. */
export interface Audit {
  readonly initialCash: number
  readonly cash: number
  /** Amount by symbol, as text of the ledger adds up; symbols without a position are absent. */
  readonly positions: ReadonlyMap<string, number>
  readonly orders: number
  readonly fillIds: readonly string[]
  readonly trades: number
  readonly runs: number
  readonly equityTimes: readonly number[]
  readonly lastEquity: number
  readonly rows: LedgerRows
}

/**
 * Checks the ledger of a stopped or killed run of one bot against itself and against the candle store: both files sound,
 * at most one fill an order and none without, no slice decided twice, cash, positions and trades what all fills add up
 * to, every equity row what they were worth at that close.
 */
export function audit(dataDir: string): Audit {
  const rows = soundLedger(dataDir)
  assert.ok(rows, 'the ledger has no account')
  const book = checkMoney(rows)
  checkOrders(rows)
  checkDecidedOnce(rows)
  checkEquity(rows, dataDir)
  const positions = new Map<string, number>()
  for (const [leg, { amount }] of book.held) {
    const symbol = leg.slice(leg.indexOf(':') + 1)
    positions.set(symbol, (positions.get(symbol) ?? 0) + float(amount))
  }
  return {
    initialCash: float(units(rows.initialCash)),
    cash: float(book.cash),
    positions,
    orders: rows.orders.length,
    fillIds: rows.fills.map(fill => fill.fill_id),
    trades: rows.trades.length,
    runs: rows.runs.length,
    equityTimes: rows.equity.map(row => row.time),
    lastEquity: rows.equity.at(-1)?.equity ?? Number.NaN,
    rows,
  }
}

/** The rows of a ledger whose file is whole. */
function soundLedger(dataDir: string): LedgerRows | undefined {
  const ledger = new Database(join(dataDir, 'ledger.db'), { readonly: true })
  try {
    assert.equal(ledger.pragma('integrity_check', { simple: true }), 'ok')
    assert.deepEqual(ledger.pragma('foreign_key_check'), [], 'a row names another that is not there')
    return readLedger(ledger)
  } finally {
    ledger.close()
  }
}

/** Cash, positions and trades are the sum of the fills, to the last digit. */
function checkMoney(rows: LedgerRows): OwnBook {
  const { fills, positions, trades, initialCash, cash } = rows
  const ids = fills.map(fill => `${fill.exchange} ${fill.fill_id}`)
  assert.equal(new Set(ids).size, ids.length, 'a fill is there twice')
  const orders = orderById(rows)
  const book = new OwnBook(units(initialCash))
  for (const fill of fills) {
    const order = orders.get(fill.client_id)
    assert.ok(order, `fill ${fill.fill_id} has no order`)
    book.apply(fill, order)
  }
  assert.equal(cash, textOf(book.cash), 'cash is not what the fills left of it')
  assert.deepEqual(
    positions.map(columnsOfRow),
    [...book.held].map(([leg, held]) => ({ leg, ...columnsOf(held) })),
    'positions are not the sum of the fills',
  )
  for (const position of positions) {
    const planned = orders.get(String(position.entry_id))?.exits
    checkExits(position, planned ?? null)
  }
  assert.deepEqual(
    trades.map(row => ({ id: row.id, ...columnsOfRow(row) })),
    book.closed.map(closedColumns),
    'trades are not the round trips of the fills',
  )
  return book
}

/** Columns of money and time, with the leg's name. */
function columnsOfRow(row: PositionRow | TradeRow): object {
  const NAMED_BY_LEG = ['strategy', 'exchange', 'symbol']
  const NOT_MONEY = ['id', 'bot', 'seq', 'exits']
  const rest = Object.entries(row).filter(([name]) => ![...NAMED_BY_LEG, ...NOT_MONEY].includes(name))
  return { leg: legOf(row), ...Object.fromEntries(rest) }
}

function columnsOf(held: Held): object {
  return {
    side: held.side,
    amount: textOf(held.amount),
    cost: textOf(held.cost),
    entry_price: textOf(held.entryPrice),
    entry_time: held.entryTime,
    entered: textOf(held.entered),
    entry_value: textOf(held.entryValue),
    exited: textOf(held.exited),
    exit_value: textOf(held.exitValue),
    paid: textOf(held.paid),
    returned: textOf(held.returned),
    fees: textOf(held.fees),
    entry_reason: held.entryReason,
    entry_id: held.entryId,
  }
}

function closedColumns({ leg, held, exitTime, exitPrice, exitReason }: Closed): object {
  return {
    leg,
    id: held.entryId,
    side: held.side,
    entry_time: held.entryTime,
    entry_price: textOf(held.entryPrice),
    exit_time: exitTime,
    exit_price: textOf(exitPrice),
    amount: textOf(held.entered),
    fees: textOf(held.fees),
    profit: textOf(held.returned - held.paid),
    entry_reason: held.entryReason,
    exit_reason: exitReason,
  }
}

/** A position is protected as the order said that opened it. Of a profit in percent the price is kept. */
function checkExits({ exits, ...position }: PositionRow, planned: string | null): void {
  const plan = (text: string | null): Record<string, unknown> =>
    (text === null ? {} : (JSON.parse(text) as object)) as never
  const { takeProfitPercent, ...wanted } = plan(planned)
  const { takeProfitPrice, ...kept } = (plan(exits).plan ?? {}) as Record<string, unknown>
  const what = `position ${String(position.entry_id)} is not protected as its order said`
  assert.deepEqual(
    kept,
    Object.fromEntries(Object.entries(wanted).filter(([name]) => name !== 'takeProfitPrice')),
    what,
  )
  assert.equal(
    takeProfitPrice !== undefined,
    takeProfitPercent !== undefined || wanted.takeProfitPrice !== undefined,
    what,
  )
}

/** At every slice: cash as the fills before it left it, equity what was held then at the last closes. */
function checkEquity(rows: LedgerRows, dataDir: string): void {
  if (rows.equity.length === 0) return
  const closes = closesOf(dataDir)
  const orders = orderById(rows)
  const book = new OwnBook(units(rows.initialCash))
  let next = 0
  for (const { time, equity, cash } of rows.equity) {
    // A fill at the open that forms at a slice's instant comes after that slice's equity.
    for (let fill = rows.fills[next]; fill !== undefined && fill.time < time; fill = rows.fills[++next])
      book.apply(fill, orders.get(fill.client_id) ?? assert.fail())
    const at = new Date(time).toISOString()
    assert.equal(cash, textOf(book.cash), `cash at ${at}`)
    let worth = float(book.cash)
    for (const [leg, held] of book.held) worth += worthOf(held, closes(leg.slice(leg.indexOf(':') + 1), time))
    assert.ok(
      Math.abs(equity - worth) <= 1e-9 * Math.max(1, Math.abs(worth)),
      `equity at ${at}: ${equity}, not ${worth}`,
    )
  }
}

function worthOf({ side, amount, cost }: Held, close: number): number {
  return side === 'long' ? float(amount) * close : Math.max(0, 2 * float(cost) - float(amount) * close)
}
