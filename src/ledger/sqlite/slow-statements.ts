import type { Database, Statement } from 'better-sqlite3'

/** A statement that took longer than it may. */
export interface SlowStatement {
  /** `COMMIT` stands for the end of a transaction: what was written goes to disk. */
  readonly sql: string
  readonly durationMs: number
  /** How SQLite finds the rows, a step each: `SEARCH orders USING INDEX …`; none where there is nothing to find. */
  readonly plan: readonly string[]
}

export interface SlowStatementOptions {
  readonly limitMs: number
  /** Called at most once a minute for one statement. Must not throw. */
  readonly tell: (statement: SlowStatement) => void
}

const TELL_EVERY_MS = 60_000

/** Times the statements of one connection and tells those that are slow, with their plan. */
export class SlowStatements {
  readonly #options: SlowStatementOptions
  readonly #explain: Database['prepare']
  readonly #toldAt = new Map<string, number>()
  #spentMs = 0

  /** @param database every statement that it prepares from now on is timed. */
  constructor(database: Database, options: SlowStatementOptions) {
    this.#options = options
    const prepare = database.prepare.bind(database)
    this.#explain = prepare
    Object.defineProperty(database, 'prepare', { value: (sql: string) => this.#timed(sql, prepare(sql)) })
  }

  /** A transaction: what its statements do not account for is the wait for the disk. @returns how long all of it took, ms. */
  transaction(work: () => void): number {
    this.#spentMs = 0
    const startedAt = performance.now()
    work()
    const durationMs = performance.now() - startedAt
    const restMs = durationMs - this.#spentMs
    if (restMs > this.#options.limitMs) this.#tell('COMMIT', restMs, () => [])
    return durationMs
  }

  /** Its own methods stand before those that it inherits; `pluck` and the like return the same statement. */
  #timed(sql: string, statement: Statement): Statement {
    for (const method of ['run', 'get', 'all'] as const) {
      const call: unknown = Reflect.get(statement, method)
      if (typeof call !== 'function') continue
      Object.defineProperty(statement, method, {
        value: (...parameters: unknown[]): unknown => {
          const startedAt = performance.now()
          try {
            return Reflect.apply(call, statement, parameters)
          } finally {
            const durationMs = performance.now() - startedAt
            this.#spentMs += durationMs
            if (durationMs > this.#options.limitMs) this.#tell(sql, durationMs, () => this.#planOf(sql, parameters))
          }
        },
      })
    }
    return statement
  }

  #tell(sql: string, durationMs: number, plan: () => readonly string[]): void {
    const now = performance.now()
    if (now - (this.#toldAt.get(sql) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return
    this.#toldAt.set(sql, now)
    this.#options.tell({ sql: sql.replace(/\s+/g, ' ').trim(), durationMs, plan: plan() })
  }

  /** A plan that cannot be had is no reason to lose the statement it belongs to. */
  #planOf(sql: string, parameters: readonly unknown[]): readonly string[] {
    try {
      const rows = this.#explain<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)
      return rows.map(({ detail }) => detail)
    } catch {
      return []
    }
  }
}
