import type { Database, Statement } from 'better-sqlite3'

/** What became of the points of one measurement, over all starts. */
export interface MeasurementCounts {
  readonly accepted: number
  readonly sent: number
  readonly deadLetter: number
  readonly dropped: number
}

const NONE: MeasurementCounts = { accepted: 0, sent: 0, deadLetter: 0, dropped: 0 }

/** The counts that survive restarts. Runs inside the caller's transaction. */
export class Counts {
  readonly #add: Statement<[object]>
  readonly #all: Statement<[], MeasurementCounts & { readonly measurement: string }>

  constructor(database: Database) {
    this.#add = database.prepare(`INSERT INTO counts (measurement, accepted, sent, dead_letter, dropped)
      VALUES (@measurement, @accepted, @sent, @deadLetter, @dropped)
      ON CONFLICT (measurement) DO UPDATE SET accepted = accepted + excluded.accepted, sent = sent + excluded.sent,
        dead_letter = dead_letter + excluded.dead_letter, dropped = dropped + excluded.dropped`)
    this.#all = database.prepare(
      'SELECT measurement, accepted, sent, dead_letter AS deadLetter, dropped FROM counts ORDER BY measurement',
    )
  }

  add(measurement: string, change: Partial<MeasurementCounts>): void {
    this.#add.run({ measurement, ...NONE, ...change })
  }

  all(): ReadonlyMap<string, MeasurementCounts> {
    return new Map(this.#all.all().map(({ measurement, ...counts }) => [measurement, counts]))
  }
}
