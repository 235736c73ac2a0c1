import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { migrate } from '../../src/ledger/sqlite/migrate.ts'
import { SCHEMA_1 } from '../../src/ledger/sqlite/schema-1.ts'

/** What the first release made tables with. */
export const SCHEMA_1_SHA256 = createHash('sha256').update(SCHEMA_1.sql).digest('hex')

const ORDERS = `INSERT INTO orders
  (client_id, bot, run_id, strategy, exchange, symbol, side, amount, quote, decided_at, reason, status) VALUES
  ('d-1', 'demo', 1, 's', 'binance', 'BTC/USDT', 'buy', NULL, '3003', 1000, 'rsi low', 'filled'),
  ('t-1', 'tallow', 2, 's', 'binance', 'BTC/USDT', 'buy', '0.001', NULL, 1000, 'rsi low', 'filled'),
  ('d-2', 'demo', 1, 's', 'binance', 'BTC/USDT', 'sell', '0.1', NULL, 2000, 'rsi high', 'filled'),
  ('d-3', 'demo', 1, 's', 'binance', 'ETH/USDT', 'buy', '2', NULL, 2000, 'rsi low', 'filled'),
  ('d-4', 'demo', 1, 's', 'binance', 'BTC/USDT', 'buy', '0.000000000000000003', NULL, 3000, 'again', 'filled'),
  ('d-5', 'demo', 1, 's', 'binance', 'DOGE/USDT', 'buy', '7', NULL, 3000, 'rsi low', 'rejected'),
  ('d-6', 'demo', 1, 's', 'binance', 'ETH/USDT', 'sell', '2', NULL, 4000, 'rsi high', 'open')`

const FILLS = `INSERT INTO fills
  (fill_id, client_id, strategy, exchange, symbol, side, price, amount, fee, time) VALUES
  ('1', 'd-1', 's', 'binance', 'BTC/USDT', 'buy', '30000', '0.1', '3', 1060),
  ('2', 't-1', 's', 'binance', 'BTC/USDT', 'buy', '30000', '0.001', '0.03', 1060),
  ('3', 'd-2', 's', 'binance', 'BTC/USDT', 'sell', '31000', '0.1', '3.1', 2060),
  ('4', 'd-3', 's', 'binance', 'ETH/USDT', 'buy', '1500.5', '2', '3.001', 2060),
  ('5', 'd-4', 's', 'binance', 'BTC/USDT', 'buy', '29000.1', '0.000000000000000003', '0.000000000000000001', 3060)`

const REST = `
  INSERT INTO accounts (bot, mode, initial_cash) VALUES
    ('demo', 'paper', '10000'), ('tallow', 'paper', '250.75'), ('idle', 'paper', '1');
  INSERT INTO runs (id, bot, manifest, started_at, ended_at) VALUES
    (1, 'demo', '{"bot":"demo","mode":"paper"}', 1, 2), (2, 'tallow', '{"bot":"tallow","mode":"paper"}', 3, NULL);
  ${ORDERS};
  INSERT INTO order_events (client_id, status, reason) SELECT client_id, 'open', reason FROM orders ORDER BY id;
  INSERT INTO order_events (client_id, status, reason)
    SELECT client_id, status, 'because' FROM orders WHERE status <> 'open' ORDER BY id;
  ${FILLS};
  INSERT INTO trades (id, bot, strategy, exchange, symbol, side, entry_time, entry_price, exit_time, exit_price, amount,
    fees, profit, entry_reason, exit_reason) VALUES
    ('d-1', 'demo', 's', 'binance', 'BTC/USDT', 'long', 1060, '30000', 2060, '31000', '0.1', '6.1', '93.9', 'low', 'high');
  INSERT INTO equity (bot, time, equity, cash) VALUES ('demo', 4000, 10090.5, '7089.9'), ('tallow', 2000, 250.5, '220.72');
  INSERT INTO refusals (bot, day, strategy, symbol, reason, count) VALUES ('demo', 0, 's', 'DOGE/USDT', 'too small', 4);
  INSERT INTO heartbeat (one, at, document) VALUES (1, 5, '{}');
`

/** A file as the first release left it, killed in the middle of a run: two bots that traded, one that did not yet. */
export function writeVersion1File(path: string): void {
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  migrate(database, path, [SCHEMA_1])
  database.exec(REST)
  database.close()
}

type Dump = Readonly<Record<string, unknown>>

/** Every row of every table of a file, by table. */
export function dump(path: string): Dump {
  const database = new Database(path, { readonly: true })
  try {
    const tables = database
      .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
      .pluck()
      .all()
    return Object.fromEntries(tables.map(table => [table, database.prepare(`SELECT * FROM ${table}`).all()]))
  } finally {
    database.close()
  }
}
