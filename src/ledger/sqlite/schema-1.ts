import type { Migration } from './migration.ts'

/** Version 1 has landed: files of it are out there, so it stays as it is. */
export const SCHEMA_1: Migration = {
  version: 1,
  sql: `
      CREATE TABLE accounts (
        bot TEXT PRIMARY KEY,
        mode TEXT NOT NULL,
        initial_cash TEXT NOT NULL
      ) STRICT;
      CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        bot TEXT NOT NULL,
        manifest TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        ended_at INTEGER
      ) STRICT;
      CREATE TABLE orders (
        id INTEGER PRIMARY KEY,
        client_id TEXT NOT NULL UNIQUE,
        bot TEXT NOT NULL,
        run_id INTEGER REFERENCES runs(id),
        strategy TEXT NOT NULL,
        exchange TEXT NOT NULL,
        symbol TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
        amount TEXT,
        quote TEXT,
        decided_at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('open', 'filled', 'canceled', 'rejected')),
        CHECK ((amount IS NULL) <> (quote IS NULL))
      ) STRICT;
      CREATE INDEX open_orders ON orders (bot) WHERE status = 'open';
      CREATE TABLE order_events (
        id INTEGER PRIMARY KEY,
        client_id TEXT NOT NULL REFERENCES orders(client_id),
        status TEXT NOT NULL,
        reason TEXT NOT NULL
      ) STRICT;
      CREATE TABLE fills (
        id INTEGER PRIMARY KEY,
        fill_id TEXT NOT NULL,
        client_id TEXT NOT NULL REFERENCES orders(client_id),
        strategy TEXT NOT NULL,
        exchange TEXT NOT NULL,
        symbol TEXT NOT NULL,
        side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
        price TEXT NOT NULL,
        amount TEXT NOT NULL,
        fee TEXT NOT NULL,
        time INTEGER NOT NULL,
        UNIQUE (exchange, fill_id)
      ) STRICT;
      CREATE TABLE trades (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        bot TEXT NOT NULL,
        strategy TEXT NOT NULL,
        exchange TEXT NOT NULL,
        symbol TEXT NOT NULL,
        side TEXT NOT NULL,
        entry_time INTEGER NOT NULL,
        entry_price TEXT NOT NULL,
        exit_time INTEGER NOT NULL,
        exit_price TEXT NOT NULL,
        amount TEXT NOT NULL,
        fees TEXT NOT NULL,
        profit TEXT NOT NULL,
        entry_reason TEXT NOT NULL,
        exit_reason TEXT NOT NULL
      ) STRICT;
      CREATE TABLE equity (
        bot TEXT NOT NULL,
        time INTEGER NOT NULL,
        equity REAL NOT NULL,
        cash TEXT NOT NULL,
        PRIMARY KEY (bot, time)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE refusals (
        bot TEXT NOT NULL,
        day INTEGER NOT NULL,
        strategy TEXT NOT NULL,
        symbol TEXT NOT NULL,
        reason TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (bot, day, strategy, symbol, reason)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE heartbeat (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        at INTEGER NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER order_events_stay BEFORE UPDATE ON order_events BEGIN SELECT RAISE(ABORT, 'order events are append-only'); END;
      CREATE TRIGGER order_events_keep BEFORE DELETE ON order_events BEGIN SELECT RAISE(ABORT, 'order events are append-only'); END;
      CREATE TRIGGER fills_stay BEFORE UPDATE ON fills BEGIN SELECT RAISE(ABORT, 'fills are append-only'); END;
      CREATE TRIGGER fills_keep BEFORE DELETE ON fills BEGIN SELECT RAISE(ABORT, 'fills are append-only'); END;
    `,
}
