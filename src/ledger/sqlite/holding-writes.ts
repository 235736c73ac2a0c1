import type { Database, Statement } from 'better-sqlite3'
import type { LegName } from '../../domain/leg-name.ts'
import { formatDecimal, type Decimal } from '../../domain/money.ts'
import { cashWithoutFill, changedWithoutFill } from '../booked-fills.ts'
import type { HeldPosition } from '../ledger.ts'
import { INSERT_POSITION, positionRow } from './position-row.ts'

const OF_LEG = 'bot = @bot AND strategy = @strategy AND exchange = @exchange AND symbol = @symbol'

/** What one bot holds and the cash that it has left, as rows. Runs inside the caller's transaction. */
export class HoldingWrites {
  readonly #bot: string
  readonly #forgetOther: Statement<[object]>
  readonly #hold: Statement<[object]>
  readonly #protect: Statement<[object]>
  readonly #drop: Statement<[object]>
  readonly #cash: Statement<[object]>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    this.#forgetOther = database.prepare(`DELETE FROM positions WHERE ${OF_LEG} AND entry_id <> @entry_id`)
    this.#hold = database.prepare(`${INSERT_POSITION}
      ON CONFLICT (bot, strategy, exchange, symbol) DO UPDATE SET
        amount = excluded.amount, cost = excluded.cost, entry_price = excluded.entry_price, entered = excluded.entered,
        entry_value = excluded.entry_value, exited = excluded.exited, exit_value = excluded.exit_value,
        paid = excluded.paid, returned = excluded.returned, fees = excluded.fees, exits = excluded.exits`)
    this.#protect = database.prepare(`UPDATE positions SET exits = @exits
      WHERE ${OF_LEG} AND entry_id = @entry_id AND amount = @amount AND cost = @cost AND paid = @paid
        AND returned = @returned`)
    this.#drop = database.prepare(`DELETE FROM positions WHERE ${OF_LEG}`)
    this.#cash = database.prepare('UPDATE accounts SET cash = @cash WHERE bot = @bot AND (@filled = 1 OR cash = @cash)')
  }

  /** @param filled whether a fill of the leg is in the same commit. */
  hold(held: HeldPosition, filled: boolean): void {
    const row = { ...positionRow(held), bot: this.#bot }
    if (!filled) {
      if (this.#protect.run(row).changes === 0) throw changedWithoutFill(held.of)
      return
    }
    // Closed and entered anew within one commit: it takes its place behind what has been held for longer.
    this.#forgetOther.run(row)
    this.#hold.run(row)
  }

  drop({ strategy, exchange, symbol }: LegName): void {
    this.#drop.run({ bot: this.#bot, strategy, exchange, symbol })
  }

  /** @param filled whether a fill is in the same commit. */
  setCash(cash: Decimal, filled: boolean): void {
    const { changes } = this.#cash.run({ bot: this.#bot, cash: formatDecimal(cash), filled: filled ? 1 : 0 })
    if (changes === 0) throw cashWithoutFill(this.#bot)
  }
}
