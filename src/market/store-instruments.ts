import type Database from 'better-sqlite3'
import { neverRetry, TallowError } from '../domain/errors.ts'
import type { Instrument } from '../domain/instrument.ts'
import { formatDecimal, parseDecimal, type Decimal } from '../domain/money.ts'

type InstrumentRow = [priceTick: string, amountStep: string, amountMin: string, notionalMin: string]

/** The newest filters of each market, beside its candles. Decimals are texts: SQLite has no exact ones. */
export class StoreInstruments {
  readonly #db: Database.Database

  constructor(db: Database.Database) {
    this.#db = db
  }

  /** Within the caller's transaction. Filters that are older than the stored ones change nothing. */
  save(instruments: readonly Instrument[], atMs: number): void {
    const put = this.#db.prepare(
      `INSERT INTO instrument (exchange, symbol, price_tick, amount_step, amount_min, notional_min, at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (exchange, symbol) DO UPDATE SET price_tick = excluded.price_tick, amount_step = excluded.amount_step,
         amount_min = excluded.amount_min, notional_min = excluded.notional_min, at_ms = excluded.at_ms
       WHERE excluded.at_ms >= instrument.at_ms`,
    )
    for (const { exchange, symbol, priceTick, amountStep, amountMin, notionalMin } of instruments) {
      const filters = [priceTick, amountStep, amountMin, notionalMin].map(formatDecimal)
      put.run(exchange, symbol, ...filters, atMs)
    }
  }

  /** @throws never-retry on a row that was not written by `save`. */
  read(exchange: string, symbol: string): Instrument | undefined {
    // A file that an older Tallow wrote, and that is opened to be read only, has no such table.
    if (!this.#exists()) return undefined
    const row = this.#db
      .prepare(
        'SELECT price_tick, amount_step, amount_min, notional_min FROM instrument WHERE exchange = ? AND symbol = ?',
      )
      .raw()
      .get(exchange, symbol) as InstrumentRow | undefined
    if (!row) return undefined
    const [priceTick, amountStep, amountMin, notionalMin] = row
    return {
      exchange,
      symbol,
      priceTick: stored(symbol, priceTick, 1n),
      amountStep: stored(symbol, amountStep, 1n),
      amountMin: stored(symbol, amountMin, 0n),
      notionalMin: stored(symbol, notionalMin, 0n),
    }
  }

  #exists(): boolean {
    const found = this.#db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'instrument'").pluck().get()
    return found !== 0
  }
}

function stored(symbol: string, text: string, least: Decimal): Decimal {
  const value = parsed(text)
  if (value !== undefined && value >= least) return value
  throw neverRetry(`the candle store is damaged: "${text}" is no filter of ${symbol}`, {
    hint: 'move the file away: candles are fetched or imported again',
  })
}

function parsed(text: string): Decimal | undefined {
  try {
    return parseDecimal(text)
  } catch (error) {
    if (error instanceof TallowError) return undefined
    throw error
  }
}
