import assert from 'node:assert/strict'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { seriesKey } from '../../../src/domain/series.ts'
import { durationMs } from '../../../src/domain/timeframe.ts'
import type { CandleFrame } from '../../../src/frame/candle-frame.ts'
import { CandleStore } from '../../../src/market/candle-store.ts'

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
}

interface FillRow {
  readonly fill_id: string
  readonly client_id: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly amount: string
  readonly fee: string
  readonly time: number
}

/** 1e-18: as fine as the ledger counts. */
const ONE = 10n ** 18n

/**
 * Checks the ledger of a stopped run of one bot with one strategy against itself and against the candle store: both files
 * sound, one fill an order, cash and positions the sum of all fills, every equity row what they were worth at that close.
 */
export function audit(dataDir: string): Audit {
  const ledger = new Database(join(dataDir, 'ledger.db'), { readonly: true })
  try {
    assert.equal(ledger.pragma('integrity_check', { simple: true }), 'ok')
    const fills = ledger.prepare<[], FillRow>('SELECT * FROM fills ORDER BY id').all()
    checkOrders(ledger, fills)
    const [account] = ledger.prepare<[], { initial_cash: string }>('SELECT initial_cash FROM accounts').all()
    assert.ok(account)
    const initialCash = units(account.initial_cash)
    const book = new Book(initialCash)
    for (const fill of fills) book.apply(fill)
    checkTrades(ledger, book, initialCash)
    const times = checkEquity(ledger, dataDir, fills, initialCash)
    return {
      initialCash: float(initialCash),
      cash: float(book.cash),
      positions: new Map([...book.held].map(([symbol, { amount }]) => [symbol, float(amount)])),
      orders: count(ledger, 'orders'),
      fillIds: fills.map(fill => fill.fill_id),
      trades: count(ledger, 'trades'),
      runs: count(ledger, 'runs'),
      ...times,
    }
  } finally {
    ledger.close()
  }
}

class Book {
  cash: bigint
  readonly held = new Map<string, { amount: bigint; cost: bigint }>()

  constructor(cash: bigint) {
    this.cash = cash
  }

  apply({ symbol, side, price, amount, fee }: FillRow): void {
    const value = (units(price) * units(amount)) / ONE
    const before = this.held.get(symbol) ?? { amount: 0n, cost: 0n }
    if (side === 'buy') {
      this.cash -= value + units(fee)
      this.held.set(symbol, { amount: before.amount + units(amount), cost: before.cost + value + units(fee) })
    } else {
      this.cash += value - units(fee)
      assert.equal(before.amount, units(amount), `sold ${amount} ${symbol} of ${float(before.amount)}`)
      this.held.delete(symbol)
    }
    assert.ok(this.cash >= 0n, 'more was spent than there was')
  }
}

/** Market orders: each has one fill, or waits for it. */
function checkOrders(ledger: Database.Database, fills: readonly FillRow[]): void {
  const orders = ledger.prepare<[], { client_id: string; status: string }>('SELECT client_id, status FROM orders').all()
  const filled = fills.map(fill => fill.client_id)
  assert.equal(new Set(filled).size, filled.length, 'an order was filled twice')
  assert.deepEqual(
    orders
      .filter(({ status }) => status === 'filled')
      .map(order => order.client_id)
      .sort(),
    filled.sort(),
  )
  assert.deepEqual(
    [...new Set(orders.map(({ status }) => status))].filter(status => !/^(filled|open)$/.test(status)),
    [],
  )
}

function checkTrades(ledger: Database.Database, book: Book, initialCash: bigint): void {
  const profits = ledger.prepare<[], { profit: string }>('SELECT profit FROM trades').all()
  const open = [...book.held.values()].reduce((sum, { cost }) => sum + cost, 0n)
  const profit = profits.reduce((sum, trade) => sum + units(trade.profit), 0n)
  // Exact but for the last unit of each trade's own rounding.
  close(float(initialCash + profit - open), float(book.cash), 'cash is what was earned less what is held')
}

function checkEquity(
  ledger: Database.Database,
  dataDir: string,
  fills: readonly FillRow[],
  initialCash: bigint,
): Pick<Audit, 'equityTimes' | 'lastEquity'> {
  const rows = ledger
    .prepare<[], { time: number; equity: number; cash: string }>('SELECT * FROM equity ORDER BY time')
    .all()
  const closes = closesOf(dataDir)
  const book = new Book(initialCash)
  const waiting = [...fills]
  for (const { time, equity, cash } of rows) {
    // A fill at the open that forms at a slice's instant comes after that slice's equity.
    while (waiting[0] && waiting[0].time < time) book.apply(waiting.shift() as FillRow)
    assert.equal(units(cash), book.cash, `cash at ${new Date(time).toISOString()}`)
    const worth = [...book.held].reduce((sum, [symbol, { amount }]) => sum + float(amount) * closes(symbol, time), 0)
    close(equity, float(book.cash) + worth, `equity at ${new Date(time).toISOString()}`)
  }
  return { equityTimes: rows.map(row => row.time), lastEquity: rows.at(-1)?.equity ?? Number.NaN }
}

/** The last close of a symbol at an instant, from the candle store. */
function closesOf(dataDir: string): (symbol: string, time: number) => number {
  const path = join(dataDir, 'candles.db')
  const database = new Database(path, { readonly: true })
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok')
  database.close()
  const store = CandleStore.open(path, { readonly: true })
  const frames = new Map<string, { frame: CandleFrame; barMs: number }>()
  for (const { series, from, to } of store.list()) {
    const frame = store.read(series, from, to)
    assert.ok(frame.length > 0, `${seriesKey(series)} can be read`)
    const known = frames.get(series.symbol)
    const barMs = durationMs(series.timeframe)
    if (!known || barMs < known.barMs) frames.set(series.symbol, { frame, barMs })
  }
  store.close()
  return (symbol, time) => {
    const { frame, barMs } = frames.get(symbol) ?? assert.fail(`no candles of ${symbol}`)
    return frame.candle(frame.firstRowFrom(time - barMs + 1) - 1).close
  }
}

function count(ledger: Database.Database, table: string): number {
  return ledger.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0
}

function units(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(18, '0'))
}

function float(value: bigint): number {
  return Number(value) / 1e18
}

function close(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  )
}
