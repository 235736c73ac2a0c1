import { ROW_TABLES, type LedgerRow, type LedgerRows, type RowTable } from '../../ledger/ledger-rows.ts'
import { LineEncoder } from '../line-encoder.ts'
import { packLines, type LineRun } from '../line-run.ts'
import type { BadLine } from '../outbox/dead-letters.ts'
import { START, type Cursor } from '../outbox/cursors.ts'
import { MEASUREMENT_OF, pointOf } from './ledger-points.ts'

/** Rows of the ledger as lines, and how far they go. */
export interface Projection {
  readonly runs: readonly LineRun[]
  /** What the cursors are once these lines are through, by table. */
  readonly cursors: ReadonlyMap<RowTable, Cursor>
  /** Rows that no server could hold. */
  readonly unspeakable: readonly BadLine[]
}

/** Where reading goes on. */
export interface CursorSource {
  get(table: RowTable): Cursor
}

/** Turns rows of the ledger behind a cursor into lines, table by table. The same for what is new and for all from row 0. */
export class Projector {
  readonly #rows: LedgerRows
  readonly #bot: string
  readonly #fromMs: number
  readonly #encoder = new LineEncoder()
  readonly #waiting = new Map<RowTable, Waiting>()

  /** @param fromMs rows of events before it are passed over, UTC ms. */
  constructor(rows: LedgerRows, bot: string, fromMs = Number.NEGATIVE_INFINITY) {
    this.#rows = rows
    this.#bot = bot
    this.#fromMs = fromMs
  }

  /** Up to `max` rows in all; undefined when there are none. @throws TallowError when the ledger cannot be read. */
  next(cursors: CursorSource, max: number): Projection | undefined {
    const runs: LineRun[] = []
    const moved = new Map<RowTable, Cursor>()
    const unspeakable: BadLine[] = []
    let left = max
    for (const table of ROW_TABLES) {
      if (left <= 0) break
      const rows = this.#rows.read(table, this.#trusted(table, cursors.get(table)).position, left)
      const last = rows.at(-1)
      if (last === undefined) continue
      left -= rows.length
      moved.set(table, { position: last.position, mark: last.mark })
      const lines = this.#lines(MEASUREMENT_OF[table], rows, unspeakable)
      if (lines.length > 0) runs.push(packLines(MEASUREMENT_OF[table], lines))
    }
    return moved.size === 0 ? undefined : { runs, cursors: moved, unspeakable }
  }

  /** Rows that wait, by measurement. @throws TallowError when the ledger cannot be read. */
  waiting(cursors: CursorSource): ReadonlyMap<string, number> {
    return new Map(ROW_TABLES.map(table => [MEASUREMENT_OF[table], this.#count(table, cursors.get(table))]))
  }

  /** Counts what came since it counted last: an outage of days is not counted again and again. */
  #count(table: RowTable, cursor: Cursor): number {
    const behind = this.#trusted(table, cursor).position
    const known = this.#waiting.get(table)
    const before = known?.behind === behind ? known : { behind, count: 0, last: behind }
    const { count, last } = this.#rows.count(table, before.last)
    this.#waiting.set(table, { behind, count: before.count + count, last })
    return before.count + count
  }

  /** The cursor, or the start when the ledger is another than the one it was moved in: a point sent twice is one point. */
  #trusted(table: RowTable, cursor: Cursor): Cursor {
    return this.#rows.knows(table, cursor.position, cursor.mark) ? cursor : START
  }

  #lines(measurement: string, rows: readonly LedgerRow[], unspeakable: BadLine[]): readonly string[] {
    return rows.flatMap(row => {
      const point = pointOf(row, this.#bot)
      if (point.timeMs < this.#fromMs) return []
      const line = this.#encoder.encode(point)
      if (line !== undefined) return [line]
      unspeakable.push({ measurement, line: JSON.stringify(point), reason: 'line protocol has no words for it' })
      return []
    })
  }
}

/** Rows behind a position, counted as far as another. */
interface Waiting {
  readonly behind: number
  readonly count: number
  readonly last: number
}
