import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { audit, type Audit } from '../support/audit.ts'
import { deathText, live, type Death, type Life } from './life.ts'
import { checkKept } from './kept.ts'
import type { Edit } from './orders-to-preload.ts'
import { checkTold, rowCounts } from './told.ts'

const BAR_MS = 60_000

/** A start that came as far as to decide. */
export interface Recovery {
  readonly fromSpawnMs: number
  readonly fromUpMs: number
  /** Since it had the data folder for itself, which is the first thing that it does. */
  readonly fromLockMs: number
}

/** A data folder whose daemon dies again and again, with everything checked after each death. */
export class KilledBot {
  readonly recoveries: Recovery[] = []
  /** Names of the points that were reached. */
  readonly reached = new Set<string>()
  /** Undefined until there is an account. */
  last: Audit | undefined
  /** Lines about orders, fills and trades that were told. */
  told = 0
  readonly #cwd: string
  readonly #edits: readonly Edit[]

  constructor(cwd: string, edits: readonly Edit[] = []) {
    this.#cwd = cwd
    this.#edits = edits
  }

  /** @throws AssertionError that says what of the ledger is not as it must be. */
  async live(death: Death): Promise<Life> {
    const life = await live(this.#cwd, death, this.#edits)
    this.#take(life)
    const before = this.last
    const after = this.#audit()
    this.told += checkTold(life.said, after?.rows, rowCounts(before?.rows))
    checkKept(before?.rows, after?.rows)
    if (after !== undefined) checkNoHole(after.equityTimes)
    this.last = after
    return life
  }

  #audit(): Audit | undefined {
    const dataDir = join(this.#cwd, 'data')
    return hasAccount(join(dataDir, 'ledger.db')) ? audit(dataDir) : undefined
  }

  #take({ notes, spawnedAt, death }: Life): void {
    const at = new Map(notes.flatMap(note => ('at' in note ? [[note.kind, note.at] as const] : [])))
    const ready = at.get('ready')
    if (ready !== undefined)
      this.recoveries.push({
        fromSpawnMs: ready - spawnedAt,
        fromUpMs: ready - (at.get('up') ?? Number.NaN),
        fromLockMs: ready - (at.get('locked') ?? Number.NaN),
      })
    for (const note of notes) {
      if (note.kind === 'durable') assert.equal(note.synchronous, 2, 'commits are not on disk when they return')
      if (note.kind === 'reached') this.reached.add(note.point)
    }
    for (const { file, from } of this.#edits)
      assert.ok(
        notes.some(note => note.kind === 'edited' && note.file === file && note.from === from),
        `${file} was not loaded before the daemon died ${deathText(death)}`,
      )
  }
}

/** A slice of every minute: none was left out, however often the daemon died. */
function checkNoHole(times: readonly number[]): void {
  for (const [index, time] of times.entries()) {
    const previous = times[index - 1]
    if (previous !== undefined)
      assert.equal(time - previous, BAR_MS, `slices after ${new Date(previous).toISOString()} were left out`)
  }
}

/** Whether a process got as far as to open an account. The file must be sound in any case. */
function hasAccount(path: string): boolean {
  if (!existsSync(path)) return false
  const ledger = new Database(path, { readonly: true })
  try {
    assert.equal(ledger.pragma('integrity_check', { simple: true }), 'ok')
    const tables = ledger.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'accounts'").pluck().get()
    return tables === 1 && ledger.prepare('SELECT count(*) FROM accounts').pluck().get() === 1
  } finally {
    ledger.close()
  }
}
