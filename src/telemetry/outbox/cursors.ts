import type { Database, Statement } from 'better-sqlite3'

/** How far rows of one source are sent. `mark` tells the row at `position` from another that may come to stand there. */
export interface Cursor {
  readonly position: number
  readonly mark: string
}

/** Before the first row. */
export const START: Cursor = { position: 0, mark: '' }

/** Cursors of one bot, and since when rows have waited behind them. Writing runs inside the caller's transaction. */
export class Cursors {
  readonly #bot: string
  readonly #get: Statement<[string, string], Cursor>
  readonly #set: Statement<[string, string, number, string]>
  readonly #since: Statement<[string], { readonly at: number }>
  readonly #begin: Statement<[string, number]>
  readonly #end: Statement<[string]>

  constructor(database: Database, bot: string) {
    this.#bot = bot
    this.#get = database.prepare('SELECT position, mark FROM cursors WHERE bot = ? AND source = ?')
    this.#set = database.prepare(`INSERT INTO cursors (bot, source, position, mark) VALUES (?, ?, ?, ?)
      ON CONFLICT (bot, source) DO UPDATE SET position = excluded.position, mark = excluded.mark`)
    this.#since = database.prepare('SELECT at FROM waiting_since WHERE bot = ?')
    this.#begin = database.prepare('INSERT INTO waiting_since (bot, at) VALUES (?, ?) ON CONFLICT (bot) DO NOTHING')
    this.#end = database.prepare('DELETE FROM waiting_since WHERE bot = ?')
  }

  get(source: string): Cursor {
    return this.#get.get(this.#bot, source) ?? START
  }

  set(source: string, { position, mark }: Cursor): void {
    this.#set.run(this.#bot, source, position, mark)
  }

  /** Since when rows of the ledger have waited, real UTC ms; undefined when nobody noticed any that do. */
  waitingSince(): number | undefined {
    return this.#since.get(this.#bot)?.at
  }

  /** @param since undefined: none waits any more. */
  setWaiting(since: number | undefined): void {
    if (since === undefined) this.#end.run(this.#bot)
    else this.#begin.run(this.#bot, since)
  }
}
