import type { Database } from 'better-sqlite3'
import { parseDecimal } from '../../domain/money.ts'
import type { AccountRecord, HeldPosition, LedgerState, ModeChange, RunManifest } from '../ledger.ts'
import { positionOf, type PositionRow } from './position-row.ts'
import { orderOf, type OrderRow } from './rows.ts'

/** What a start needs of one bot. Reads no fills: it takes as long after years of trading as on the first day. */
export function readState(database: Database, bot: string): LedgerState {
  const one = (sql: string): unknown => database.prepare(sql).pluck().get(bot)
  const account = database
    .prepare<[string], { initial_cash: string; cash: string }>('SELECT initial_cash, cash FROM accounts WHERE bot = ?')
    .get(bot)
  const open = database
    .prepare<[string], OrderRow>(`SELECT * FROM orders WHERE bot = ? AND status = 'open' ORDER BY id`)
    .all(bot)
  const manifest = one('SELECT manifest FROM runs WHERE bot = ? ORDER BY id DESC LIMIT 1') as string | undefined
  return {
    initialCash: account && parseDecimal(account.initial_cash),
    cash: account && parseDecimal(account.cash),
    positions: readPositions(database, bot),
    openOrders: open.map(orderOf),
    lastSlice: (one('SELECT max(time) FROM equity WHERE bot = ?') as number | null) ?? undefined,
    // Written by beginRun, which takes nothing but a manifest.
    lastManifest: manifest === undefined ? undefined : (JSON.parse(manifest) as RunManifest),
    runs: Number(one('SELECT count(*) FROM runs WHERE bot = ?')),
    mode: readMode(database, bot),
  }
}

/** Of every bot of the file, by name. */
export function readAccounts(database: Database): readonly AccountRecord[] {
  const equity = database.prepare<[string], { time: number; equity: number }>(
    'SELECT time, equity FROM equity WHERE bot = ? ORDER BY time DESC LIMIT 1',
  )
  return database
    .prepare<[], { bot: string; initial_cash: string; cash: string }>(
      'SELECT bot, initial_cash, cash FROM accounts ORDER BY bot',
    )
    .all()
    .map(({ bot, initial_cash, cash }) => ({
      bot,
      initialCash: parseDecimal(initial_cash),
      cash: parseDecimal(cash),
      positions: readPositions(database, bot),
      equity: equity.get(bot),
      mode: readMode(database, bot),
    }))
}

/** In the order in which they were first entered. */
function readPositions(database: Database, bot: string): readonly HeldPosition[] {
  return database
    .prepare<[string], PositionRow>('SELECT * FROM positions WHERE bot = ? ORDER BY id')
    .all(bot)
    .map(positionOf)
}

function readMode(database: Database, bot: string): ModeChange | undefined {
  return database.prepare<[string], ModeChange>('SELECT mode, reason, at FROM trading_modes WHERE bot = ?').get(bot)
}
