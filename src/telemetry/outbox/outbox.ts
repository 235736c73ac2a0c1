import type { Database, Statement, Transaction } from 'better-sqlite3'
import type { LineRun } from '../line-run.ts'
import { Counts, type MeasurementCounts } from './counts.ts'
import { Cursors, type Cursor } from './cursors.ts'
import { DeadLetters, type BadLine } from './dead-letters.ts'
import { importanceOf, LEDGER_MEASUREMENTS } from './importance.ts'
import { openOutboxFile } from './outbox-file.ts'

export interface OutboxOptions {
  /** Whose rows of the ledger are sent. */
  readonly bot: string
  /** What may wait, as it is stored. */
  readonly bytesMax: number
  /** Real time, UTC ms. */
  readonly now: () => number
  /** How long a statement waits, blocking, for another program's lock on the file. Default 20: trading waits with it. */
  readonly busyTimeoutMs?: number
  /** The file was damaged and has been put aside. */
  readonly onDamaged?: (movedTo: string) => void
}

/** A batch that waits. */
export interface StoredRun extends LineRun {
  readonly id: number
}

/** What became of a request, to be noted in one transaction. */
export interface Settlement {
  /** Batches that are through. */
  readonly batches: readonly StoredRun[]
  /** How far the ledger is through, by source. */
  readonly cursors: ReadonlyMap<string, Cursor>
  /** Points that the server took, by measurement. */
  readonly sent: ReadonlyMap<string, number>
  readonly bad: readonly BadLine[]
}

/** Points that had to make room. */
export interface DroppedPoints {
  readonly measurement: string
  readonly points: number
}

interface Victim extends DroppedPoints {
  readonly id: number
  readonly bytes: number
}

const BUSY_TIMEOUT_MS = 20
/** A row, its entry in the index and what a page leaves empty. */
const ROW_BYTES = 160
/** Batches looked at for one request. */
const ROWS_LOOKED_AT_MAX = 256
const FREE_PAGES_KEPT = 256
const FREE_PAGES_GIVEN_BACK = 512

/**
 * Points that wait for the server, on disk: whole batches, oldest first; with them what is known of those that went:
 * counts, cursors into the ledger, dead letters. Bounded in bytes: past it the least important oldest go.
 */
export class Outbox {
  readonly cursors: Cursors
  readonly deadLetters: DeadLetters
  readonly #database: Database
  readonly #options: OutboxOptions
  readonly #counts: Counts
  readonly #insert: Statement<[object]>
  readonly #delete: Statement<[number]>
  readonly #victim: Statement<[number], Victim>
  readonly #sizes: Statement<[number, number], { readonly id: number; readonly points: number; readonly bytes: number }>
  readonly #run: Statement<[number], { readonly measurement: string; readonly points: number; readonly lines: Buffer }>
  readonly #oldest: Statement<[], { readonly at: number }>
  readonly #append: Transaction<(runs: readonly LineRun[], at: number) => Appended>
  readonly #settle: Transaction<(settlement: Settlement) => readonly DroppedPoints[]>
  #points: number
  #bytes: number
  /** Batches up to this id are on their way: what may have arrived is not dropped. */
  #inFlightTo = 0

  private constructor(database: Database, options: OutboxOptions) {
    this.#database = database
    this.#options = options
    this.#counts = new Counts(database)
    this.cursors = new Cursors(database, options.bot)
    this.deadLetters = new DeadLetters(database)
    this.#insert = database.prepare(`INSERT INTO batches (measurement, importance, points, bytes, at, lines)
      VALUES (@measurement, @importance, @points, @bytes, @at, @lines)`)
    this.#delete = database.prepare('DELETE FROM batches WHERE id = ?')
    this.#victim = database.prepare(
      'SELECT id, measurement, points, bytes FROM batches WHERE id > ? ORDER BY importance, id LIMIT 1',
    )
    this.#sizes = database.prepare('SELECT id, points, bytes FROM batches WHERE id > ? ORDER BY id LIMIT ?')
    this.#run = database.prepare('SELECT measurement, points, lines FROM batches WHERE id = ?')
    this.#oldest = database.prepare('SELECT at FROM batches ORDER BY id LIMIT 1')
    this.#append = database.transaction((runs, at) => this.#insertAll(runs, at))
    this.#settle = database.transaction(settlement => this.#note(settlement))
    const total = database
      .prepare<[], { points: number; bytes: number }>(
        'SELECT coalesce(sum(points), 0) AS points, coalesce(sum(bytes), 0) AS bytes FROM batches',
      )
      .get()
    this.#points = total?.points ?? 0
    this.#bytes = total?.bytes ?? 0
  }

  /** Opens the file, made when missing. @throws TallowError when it cannot be used. */
  static open(path: string, options: OutboxOptions): Outbox {
    const database = openOutboxFile(path, options.busyTimeoutMs ?? BUSY_TIMEOUT_MS, movedTo =>
      options.onDamaged?.(movedTo),
    )
    try {
      return new Outbox(database, options)
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** Points that wait in the file. */
  get points(): number {
    return this.#points
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Since when the oldest of what waits, here or in the ledger, does so, real UTC ms; undefined when nothing does. */
  waitingSince(): number | undefined {
    try {
      const since = [this.#oldest.get()?.at, this.cursors.waitingSince()].filter(at => at !== undefined)
      return since.length === 0 ? undefined : Math.min(...since)
    } catch {
      return undefined
    }
  }

  counts(): ReadonlyMap<string, MeasurementCounts> {
    return this.#counts.all()
  }

  /**
   * Adds what has gathered: all of it or nothing.
   * @param at when the oldest point of it was written, real UTC ms.
   * @returns what had to go to make room, perhaps of these.
   * @throws SqliteError when the file cannot be written.
   */
  append(runs: readonly LineRun[], at: number): readonly DroppedPoints[] {
    const { points, bytes, dropped } = this.#append.immediate(runs, at)
    this.#points += points
    this.#bytes += bytes
    return dropped
  }

  /**
   * The oldest batches, to be settled before others are taken: as many as have `pointsMax` points together,
   * and one at least.
   * @throws SqliteError
   */
  take(pointsMax: number): readonly StoredRun[] {
    const runs: StoredRun[] = []
    let points = 0
    for (const row of this.#sizes.all(0, ROWS_LOOKED_AT_MAX)) {
      points += row.points
      if (runs.length > 0 && points > pointsMax) break
      const run = this.#run.get(row.id)
      if (run !== undefined)
        runs.push({ id: row.id, measurement: run.measurement, points: run.points, gzipped: run.lines })
      this.#inFlightTo = row.id
    }
    return runs
  }

  /** Notes what became of a request, all of it or nothing. @returns dead letters that had to go. @throws SqliteError */
  settle(settlement: Settlement): readonly DroppedPoints[] {
    const dropped = this.#settle.immediate(settlement)
    this.#inFlightTo = 0
    for (const run of settlement.batches) {
      this.#points -= run.points
      this.#bytes -= storedBytes(run)
    }
    return dropped
  }

  /** Rows of the ledger wait, or no longer do. @throws SqliteError */
  noteWaiting(waiting: boolean): void {
    const since = this.cursors.waitingSince()
    if (waiting === (since !== undefined)) return
    this.cursors.setWaiting(waiting ? this.#options.now() : undefined)
  }

  /** Counts points that never came as far as the file. @throws SqliteError */
  countDropped(dropped: ReadonlyMap<string, number>): void {
    this.#database
      .transaction(() => {
        for (const [measurement, points] of dropped)
          this.#counts.add(measurement, { accepted: points, dropped: points })
      })
      .immediate()
  }

  /** Takes lines out of the dead letter that the server has taken after all. @throws SqliteError */
  revive(letters: readonly { readonly id: number; readonly measurement: string }[]): void {
    this.#database
      .transaction(() => {
        this.deadLetters.remove(letters.map(({ id }) => id))
        for (const { measurement } of letters) this.#counts.add(measurement, { sent: 1, deadLetter: -1 })
      })
      .immediate()
  }

  /** Gives a little of what an outage made of the file back to the disk; call it again and again while there is nothing to do. */
  shrink(): void {
    if (Number(this.#database.pragma('freelist_count', { simple: true })) > FREE_PAGES_KEPT)
      this.#database.pragma(`incremental_vacuum(${FREE_PAGES_GIVEN_BACK})`)
  }

  close(): void {
    this.#database.close()
  }

  #insertAll(runs: readonly LineRun[], at: number): Appended {
    let points = 0
    let bytes = 0
    for (const run of runs) {
      const { measurement } = run
      const size = storedBytes(run)
      const importance = importanceOf(measurement)
      this.#insert.run({ measurement, importance, points: run.points, bytes: size, at, lines: run.gzipped })
      this.#counts.add(measurement, { accepted: run.points })
      points += run.points
      bytes += size
    }
    const dropped: DroppedPoints[] = []
    while (this.#bytes + bytes > this.#options.bytesMax) {
      const victim = this.#victim.get(this.#inFlightTo)
      if (victim === undefined) break
      this.#delete.run(victim.id)
      this.#counts.add(victim.measurement, { dropped: victim.points })
      points -= victim.points
      bytes -= victim.bytes
      dropped.push(victim)
    }
    return { points, bytes, dropped }
  }

  #note({ batches, cursors, sent, bad }: Settlement): readonly DroppedPoints[] {
    for (const { id } of batches) this.#delete.run(id)
    for (const [source, cursor] of cursors) this.cursors.set(source, cursor)
    for (const [measurement, points] of sent)
      this.#counts.add(measurement, { sent: points, ...fromLedger(measurement, points) })
    for (const { measurement } of bad) this.#counts.add(measurement, { deadLetter: 1, ...fromLedger(measurement, 1) })
    if (bad.length === 0) return []
    const gone = this.deadLetters.add(bad, this.#options.now())
    for (const { measurement } of gone) this.#counts.add(measurement, { deadLetter: -1, dropped: 1 })
    return gone.map(({ measurement }) => ({ measurement, points: 1 }))
  }
}

interface Appended {
  readonly points: number
  readonly bytes: number
  readonly dropped: readonly DroppedPoints[]
}

/** What comes from the ledger is accepted when it is settled; before that it is a row of the ledger. */
function fromLedger(measurement: string, points: number): { readonly accepted?: number } {
  return LEDGER_MEASUREMENTS.has(measurement) ? { accepted: points } : {}
}

function storedBytes({ gzipped }: LineRun): number {
  return gzipped.length + ROW_BYTES
}
