import { bookOldFills } from './book-old-fills.ts'
import type { Migration } from './migration.ts'

/**
 * Version 2 keeps what is held and what cash is left as rows, so that a start need not read every fill; and more kinds of
 * orders, decisions, what the owner asked for, and faults of strategies. Before it there were market orders only: buys
 * that entered and sells that closed.
 */
export const SCHEMA_2: Migration = {
  version: 2,
  sql: `
    ALTER TABLE orders ADD COLUMN purpose TEXT NOT NULL DEFAULT 'entry'
      CHECK (purpose IN ('entry', 'add', 'exit', 'protect', 'close'));
    ALTER TABLE orders ADD COLUMN type TEXT NOT NULL DEFAULT 'market' CHECK (type IN ('market', 'limit', 'stop'));
    ALTER TABLE orders ADD COLUMN price TEXT;
    ALTER TABLE orders ADD COLUMN expires_at INTEGER;
    ALTER TABLE orders ADD COLUMN exits TEXT;
    UPDATE orders SET purpose = 'exit' WHERE side = 'sell';
    ALTER TABLE fills ADD COLUMN slippage TEXT NOT NULL DEFAULT '0';
    ALTER TABLE fills ADD COLUMN liquidity TEXT NOT NULL DEFAULT 'taker' CHECK (liquidity IN ('maker', 'taker'));
    CREATE INDEX fills_of_order ON fills (client_id);
    CREATE INDEX order_ends ON order_events (client_id) WHERE status IN ('canceled', 'rejected');
    CREATE INDEX trades_by_exit ON trades (bot, exit_time);
    CREATE INDEX runs_by_start ON runs (bot, started_at);
    CREATE TABLE accounts_2 (
      bot TEXT PRIMARY KEY,
      mode TEXT NOT NULL,
      initial_cash TEXT NOT NULL,
      cash TEXT NOT NULL
    ) STRICT;
    INSERT INTO accounts_2 (bot, mode, initial_cash, cash) SELECT bot, mode, initial_cash, initial_cash FROM accounts;
    DROP TABLE accounts;
    ALTER TABLE accounts_2 RENAME TO accounts;
    CREATE TABLE positions (
      id INTEGER PRIMARY KEY,
      bot TEXT NOT NULL,
      strategy TEXT NOT NULL,
      exchange TEXT NOT NULL,
      symbol TEXT NOT NULL,
      side TEXT NOT NULL CHECK (side IN ('long', 'short')),
      amount TEXT NOT NULL,
      cost TEXT NOT NULL,
      entry_price TEXT NOT NULL,
      entry_time INTEGER NOT NULL,
      entered TEXT NOT NULL,
      entry_value TEXT NOT NULL,
      exited TEXT NOT NULL,
      exit_value TEXT NOT NULL,
      paid TEXT NOT NULL,
      returned TEXT NOT NULL,
      fees TEXT NOT NULL,
      entry_reason TEXT NOT NULL,
      entry_id TEXT NOT NULL,
      exits TEXT,
      UNIQUE (bot, strategy, exchange, symbol)
    ) STRICT;
    CREATE TABLE decisions (
      id INTEGER PRIMARY KEY,
      bot TEXT NOT NULL,
      strategy TEXT NOT NULL,
      exchange TEXT NOT NULL,
      symbol TEXT NOT NULL,
      time INTEGER NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('order', 'refused', 'none')),
      reason TEXT NOT NULL,
      seen TEXT NOT NULL
    ) STRICT;
    CREATE INDEX decisions_of_symbol ON decisions (symbol, time, bot);
    CREATE INDEX decisions_by_age ON decisions (bot, time);
    CREATE TABLE trading_modes (
      bot TEXT PRIMARY KEY,
      mode TEXT NOT NULL CHECK (mode IN ('on', 'close-only', 'paused')),
      reason TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE faults (
      id INTEGER PRIMARY KEY,
      bot TEXT NOT NULL,
      strategy TEXT NOT NULL,
      hash TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('blocked', 'threw')),
      message TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX faults_of_bot ON faults (bot);
    CREATE TABLE refusals_2 (
      bot TEXT NOT NULL,
      day INTEGER NOT NULL,
      strategy TEXT NOT NULL,
      exchange TEXT NOT NULL,
      symbol TEXT NOT NULL,
      reason TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (bot, day, strategy, exchange, symbol, reason)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO refusals_2 (bot, day, strategy, exchange, symbol, reason, count)
      SELECT bot, day, strategy, '', symbol, reason, count FROM refusals;
    DROP TABLE refusals;
    ALTER TABLE refusals_2 RENAME TO refusals;
  `,
  rebuild: bookOldFills,
}
