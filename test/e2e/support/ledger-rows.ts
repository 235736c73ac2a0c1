import type Database from 'better-sqlite3'

/** Rows as they stand in the ledger's tables: money is decimal text, times are UTC ms. */
export interface FillRow {
  readonly fill_id: string
  readonly client_id: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly price: string
  readonly amount: string
  readonly fee: string
  readonly slippage: string
  readonly liquidity: 'maker' | 'taker'
  readonly time: number
}

export interface OrderRow {
  readonly client_id: string
  readonly run_id: number | null
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly purpose: 'entry' | 'add' | 'exit' | 'protect' | 'close'
  readonly type: 'market' | 'limit' | 'stop'
  readonly price: string | null
  readonly amount: string | null
  readonly quote: string | null
  readonly decided_at: number
  readonly expires_at: number | null
  readonly exits: string | null
  readonly reason: string
  readonly status: 'open' | 'filled' | 'canceled' | 'rejected'
}

export interface EventRow {
  readonly client_id: string
  readonly status: OrderRow['status']
  readonly reason: string
}

export interface TradeRow {
  readonly id: string
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly entry_time: number
  readonly entry_price: string
  readonly exit_time: number
  readonly exit_price: string
  readonly amount: string
  readonly fees: string
  readonly profit: string
  readonly entry_reason: string
  readonly exit_reason: string
}

export interface PositionRow {
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly side: 'long' | 'short'
  readonly exits: string | null
  readonly [column: string]: string | number | null
}

export interface EquityRow {
  readonly time: number
  readonly equity: number
  readonly cash: string
}

export interface DecisionRow {
  readonly strategy: string
  readonly exchange: string
  readonly symbol: string
  readonly time: number
}

export interface RunRow {
  readonly id: number
  readonly manifest: string
}

/** All of a ledger that the audit looks at, in the order in which it was written. */
export interface LedgerRows {
  readonly initialCash: string
  readonly cash: string
  readonly fills: readonly FillRow[]
  readonly orders: readonly OrderRow[]
  readonly events: readonly EventRow[]
  readonly trades: readonly TradeRow[]
  readonly positions: readonly PositionRow[]
  readonly equity: readonly EquityRow[]
  readonly decisions: readonly DecisionRow[]
  readonly runs: readonly RunRow[]
}

/** The ledger of one bot; undefined while it has no account. */
export function readLedger(ledger: Database.Database): LedgerRows | undefined {
  const all = <T>(sql: string): T[] => ledger.prepare<[], T>(sql).all()
  const [account] = all<{ initial_cash: string; cash: string }>('SELECT initial_cash, cash FROM accounts')
  if (account === undefined) return undefined
  return {
    initialCash: account.initial_cash,
    cash: account.cash,
    fills: all('SELECT * FROM fills ORDER BY id'),
    orders: all('SELECT * FROM orders ORDER BY id'),
    events: all('SELECT * FROM order_events ORDER BY id'),
    trades: all('SELECT * FROM trades ORDER BY seq'),
    positions: all('SELECT * FROM positions ORDER BY id'),
    equity: all('SELECT * FROM equity ORDER BY time'),
    decisions: all('SELECT * FROM decisions ORDER BY id'),
    runs: all('SELECT id, manifest FROM runs ORDER BY id'),
  }
}
