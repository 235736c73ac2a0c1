import type { Database, Statement } from 'better-sqlite3'
import { importanceOf } from './importance.ts'

/** A line that the server refused. */
export interface BadLine {
  readonly measurement: string
  readonly line: string
  /** The server's own words. */
  readonly reason: string
}

export interface DeadLetter extends BadLine {
  readonly id: number
  /** When it was refused, real UTC ms. */
  readonly at: number
}

/** So many are kept. */
const KEPT_MAX = 100_000

/** Lines that the server refused, until somebody looks at them. Writing runs inside the caller's transaction. */
export class DeadLetters {
  readonly #insert: Statement<[object]>
  readonly #count: Statement<[], { readonly count: number }>
  readonly #least: Statement<[], DeadLetter>
  readonly #delete: Statement<[number]>
  readonly #page: Statement<[number, number], DeadLetter>
  readonly #newest: Statement<[number], DeadLetter>

  constructor(database: Database) {
    const columns = 'id, measurement, line, reason, at'
    this.#insert = database.prepare(`INSERT INTO dead_letters (measurement, importance, line, reason, at)
      VALUES (@measurement, @importance, @line, @reason, @at)`)
    this.#count = database.prepare('SELECT count(*) AS count FROM dead_letters')
    this.#least = database.prepare(`SELECT ${columns} FROM dead_letters ORDER BY importance, id LIMIT 1`)
    this.#delete = database.prepare('DELETE FROM dead_letters WHERE id = ?')
    this.#page = database.prepare(`SELECT ${columns} FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?`)
    this.#newest = database.prepare(
      `SELECT * FROM (SELECT ${columns} FROM dead_letters ORDER BY id DESC LIMIT ?) ORDER BY id`,
    )
  }

  /** @returns what had to go to make room: the oldest of the least important. */
  add(lines: readonly BadLine[], at: number): readonly DeadLetter[] {
    for (const { measurement, line, reason } of lines)
      this.#insert.run({ measurement, importance: importanceOf(measurement), line, reason, at })
    const gone: DeadLetter[] = []
    for (let surplus = this.count() - KEPT_MAX; surplus > 0; surplus--) {
      const least = this.#least.get()
      if (least === undefined) break
      this.#delete.run(least.id)
      gone.push(least)
    }
    return gone
  }

  count(): number {
    return this.#count.get()?.count ?? 0
  }

  /** Oldest first, from behind an id on. */
  page(afterId: number, max: number): readonly DeadLetter[] {
    return this.#page.all(afterId, max)
  }

  /** The newest so many, oldest first. */
  newest(max: number): readonly DeadLetter[] {
    return this.#newest.all(max)
  }

  remove(ids: readonly number[]): void {
    for (const id of ids) this.#delete.run(id)
  }
}
