import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { SqliteLedgerReader } from '../../src/ledger/sqlite/sqlite-ledger-reader.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { AS_DEMO, CASH, entered, fill, MANIFEST, order, temporaryFolder } from './fixtures.ts'

const FILLS = 200_000
const RESTING = 20
const ATTEMPTS = 5

/** As months of trading leave it: every order filled, a trade to every second one, a slice to each. */
function fillUp(path: string): void {
  const database = new Database(path)
  database.exec(`
    CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${FILLS}) SELECT i FROM c;
    BEGIN;
    INSERT INTO orders (client_id, bot, strategy, exchange, symbol, side, purpose, amount, decided_at, reason, status)
      SELECT 'o' || i, 'demo', 's', 'binance', 'BTC/USDT', 'buy', 'entry', '0.0675', i * 60000, 'rsi low', 'filled' FROM n;
    INSERT INTO order_events (client_id, status, reason) SELECT 'o' || i, 'open', 'rsi low' FROM n;
    INSERT INTO order_events (client_id, status, reason) SELECT 'o' || i, 'filled', '' FROM n;
    INSERT INTO fills (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, time)
      SELECT i, 'o' || i, 's', 'binance', 'BTC/USDT', 'buy', '37012.12', '0.0675', '2.4983181', i * 60000 FROM n;
    INSERT INTO trades (id, bot, strategy, exchange, symbol, side, entry_time, entry_price, exit_time, exit_price, amount,
        fees, profit, entry_reason, exit_reason)
      SELECT 'o' || i, 'demo', 's', 'binance', 'BTC/USDT', 'long', i, '1', i * 60000, '2', '1', '0', '1', 'low', 'high'
      FROM n WHERE i % 2 = 0;
    INSERT INTO equity (bot, time, equity, cash) SELECT 'demo', i * 60000, 1, '1' FROM n;
    INSERT INTO decisions (bot, strategy, exchange, symbol, time, outcome, reason, seen)
      SELECT 'demo', 's', 'binance', 'BTC/USDT', i * 60000, 'none', '', '{"rsi":29.5}' FROM n;
    COMMIT;
  `)
  database.close()
}

/** The fastest of some attempts: what it takes, whatever else the machine is busy with. */
function fastestMs(work: () => unknown): number {
  let fastest = Infinity
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const startedAt = performance.now()
    work()
    fastest = Math.min(fastest, performance.now() - startedAt)
  }
  return fastest
}

test('what a start and a status ask takes milliseconds, however many fills there were', context => {
  const path = join(temporaryFolder(context), 'ledger.db')
  SqliteLedger.open(path, AS_DEMO).close()
  fillUp(path)
  const ledger = SqliteLedger.open(path, AS_DEMO)
  context.after(() => ledger.close())
  ledger.beginRun(MANIFEST, 1, CASH)
  ledger.commit([
    { kind: 'order', order: order('a') },
    ...entered(fill('f', 'a')),
    // Orders without a fill: nothing but an index can tell quickly that there is none.
    ...Array.from({ length: RESTING }, (_, index) => ({ kind: 'order', order: order(`resting-${index}`) }) as const),
  ])
  const state = ledger.state()
  assert.deepEqual([state.positions.length, state.openOrders.length, state.lastSlice], [1, 1 + RESTING, FILLS * 60_000])
  const reader = SqliteLedgerReader.open(path)
  context.after(() => reader.close())
  const lately = (FILLS - 100) * 60_000
  const measuredMs = {
    state: fastestMs(() => ledger.state()),
    tradesSince: fastestMs(() => ledger.tradesSince(lately)),
    runsSince: fastestMs(() => ledger.runsSince(0)),
    accounts: fastestMs(() => reader.accounts()),
    openOrders: fastestMs(() => reader.orders({ bot: 'demo', open: true })),
    newestOrders: fastestMs(() => reader.orders({ last: 50 })),
    decisions: fastestMs(() => reader.decisions({ symbol: 'BTC/USDT', from: lately, to: lately + 3_600_000 })),
  }
  context.diagnostic(`ms with ${FILLS} fills: ${JSON.stringify(measuredMs)}`)
  // Reading the fills takes hundreds of milliseconds.
  for (const [what, ms] of Object.entries(measuredMs)) assert.ok(ms < 20, `${what} takes ${ms} ms`)
})
