import type Database from 'better-sqlite3'
import type { Instrument } from '../domain/instrument.ts'
import { compareKeys, parseSeriesKey, seriesKey, type SeriesId } from '../domain/series.ts'
import { barsBetween, nextBarOpen } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { findGaps, type Gap } from '../frame/gaps.ts'
import { assertAscending } from './chunk-codec.ts'
import { StoreChunks, type DamagedChunk } from './store-chunks.ts'
import { StoreGaps, type KnownGap } from './store-gaps.ts'
import { guarded, openStoreFile } from './store-schema.ts'
import { StoreInstruments } from './store-instruments.ts'
import { storeStatements, type StoreStatements } from './store-statements.ts'

export interface StoredSeries {
  readonly series: SeriesId
  readonly key: string
  /** Open time of the first candle, UTC ms. */
  readonly from: number
  /** Close of the last candle: exclusive, so that `read(series, from, to)` gives all. UTC ms. */
  readonly to: number
  readonly candles: number
  /** Bars between the first and the last candle that have none. */
  readonly missing: number
  /** Candles that nobody traded at: put where the exchange has none. */
  readonly filled: number
  /** Candles of which the exchange said two things. */
  readonly revised: number
  /** Versions that do not count, of all revised candles. */
  readonly revisions: number
}

export interface WriteCounts {
  readonly inserted: number
  /**
   * Rows that say something else than the stored ones: the first is kept, the other goes to the `revision` table. Where the
   * stored one was filled, the other way round.
   */
  readonly revised: number
  /** Their open times, UTC ms. */
  readonly revisedTimes: readonly number[]
  readonly unchanged: number
}

export interface SeriesRows {
  readonly series: SeriesId
  readonly frame: CandleFrame
}

type ListRow = [
  key: string,
  first: number,
  last: number,
  candles: number,
  filled: number,
  revised: number,
  revisions: number,
]

/**
 * Candles on disk: compressed columns of 512 bars, aligned in time, and a tail of young rows. Any number of readers beside
 * one writer. It can always be built again, so it may lose the last moments at a power cut, never its integrity.
 */
export class CandleStore {
  readonly #db: Database.Database
  readonly #path: string
  readonly #ids = new Map<string, number>()
  readonly #statements: StoreStatements
  readonly #chunks: StoreChunks
  readonly #gaps: StoreGaps
  readonly #instruments: StoreInstruments

  private constructor(db: Database.Database, path: string) {
    this.#db = db
    this.#path = path
    this.#statements = storeStatements(db)
    this.#chunks = new StoreChunks(this.#statements)
    this.#gaps = new StoreGaps(this.#statements)
    this.#instruments = new StoreInstruments(db)
  }

  /** Opens or, unless `readonly`, creates the file and its folder. @throws TallowError: locked, damaged, unwritable, newer. */
  static open(path: string, options: { readonly readonly?: boolean } = {}): CandleStore {
    const db = openStoreFile(path, options.readonly ?? false)
    return guarded(path, () => new CandleStore(db, path))
  }

  /** Adds rows (ascending). A row that is there already is never changed. @throws TallowError. */
  write(series: SeriesId, frame: CandleFrame): WriteCounts {
    return this.#inTransaction(() => this.#writeSeries({ series, frame }))
  }

  /** Several series in one transaction; counts in the given order. @throws TallowError, and then nothing is written. */
  writeAll(entries: readonly SeriesRows[]): WriteCounts[] {
    return this.#inTransaction(() => entries.map(entry => this.#writeSeries(entry)))
  }

  /** Rows with `fromOpen` ≤ open time < `toOpenExclusive`, ascending; empty when nothing is known. UTC ms. */
  read(series: SeriesId, fromOpen: number, toOpenExclusive: number): CandleFrame {
    return guarded(this.#path, () => {
      const id = this.#id(series)
      if (id === undefined || !(fromOpen < toOpenExclusive)) return new CandleFrame()
      // One snapshot for both tables: a writer may be folding the tail meanwhile.
      return this.#db.transaction(() => this.#chunks.read(id, series.timeframe, fromOpen, toOpenExclusive))()
    })
  }

  /** What is stored, ordered by key. */
  list(): StoredSeries[] {
    return guarded(this.#path, () => {
      const rows = this.#statements.list.all() as ListRow[]
      return rows
        .map(([key, first, last, candles, filled, revised, revisions]) => {
          const series = parseSeriesKey(key)
          const to = nextBarOpen(series.timeframe, last)
          const missing = Math.max(0, barsBetween(series.timeframe, first, to) - candles)
          return { series, key, from: first, to, candles, missing, filled, revised, revisions }
        })
        .sort((a, b) => compareKeys(a.key, b.key))
    })
  }

  /** Bars without a candle between the first and the last one, oldest first; rows are read only of chunks with holes. */
  gaps(series: SeriesId): Gap[] {
    return guarded(this.#path, () => {
      const id = this.#id(series)
      if (id === undefined) return []
      const { timeframe } = series
      const isWhole = ({ from, to, count }: { from: number; to: number; count: number }): boolean =>
        barsBetween(timeframe, from, to) + 1 === count
      const parts = this.#db.transaction(() => this.#chunks.stretches(id, timeframe, isWhole))()
      const times = new CandleFrame()
      const gaps: Gap[] = []
      for (const part of parts) {
        // Between parts the last row of the one and the first of the next say it all.
        const inner = part instanceof CandleFrame ? part : edges(part.from, part.to)
        times.append(inner.timeAt(0), 1, 1, 1, 1, 0)
        gaps.push(...findGaps(timeframe, times))
        if (part instanceof CandleFrame) gaps.push(...findGaps(timeframe, part))
        times.length = 0
        times.append(inner.lastTime, 1, 1, 1, 1, 0)
      }
      return gaps
    })
  }

  /** Why candles are missing or were filled, as far as it was found out, oldest first. */
  knownGaps(series: SeriesId): KnownGap[] {
    return guarded(this.#path, () => {
      const id = this.#id(series)
      return id === undefined ? [] : this.#gaps.read(id)
    })
  }

  /**
   * Writes what a repair found: candles, and the causes of what is still missing. What was known of those bars is replaced.
   * @throws TallowError, and then nothing is written.
   */
  repair(series: SeriesId, found: { readonly frame: CandleFrame; readonly gaps: readonly KnownGap[] }): WriteCounts {
    return this.#inTransaction(() => {
      const counts = this.#writeSeries({ series, frame: found.frame })
      this.#gaps.put(this.#id(series) ?? this.#create(series), found.gaps)
      return counts
    })
  }

  /** Chunks that do not hold what was written; all of the series is read. */
  damaged(series: SeriesId): DamagedChunk[] {
    return guarded(this.#path, () => {
      const id = this.#id(series)
      return id === undefined ? [] : this.#chunks.damaged(id)
    })
  }

  /** Puts rows in the place of a damaged chunk. @throws TallowError, and then nothing is changed. */
  replaceDamaged(series: SeriesId, chunk: DamagedChunk, frame: CandleFrame): WriteCounts {
    return this.#inTransaction(() => {
      const id = this.#id(series)
      if (id !== undefined) this.#chunks.drop(id, chunk.bucket)
      return this.#writeSeries({ series, frame })
    })
  }

  /** The versions that do not count of bars with `fromOpen` ≤ open time < `toOpenExclusive`, in order of time and coming. */
  revisions(series: SeriesId, fromOpen: number, toOpenExclusive: number): CandleFrame {
    return guarded(this.#path, () => {
      const rows = new CandleFrame()
      const id = this.#id(series)
      if (id === undefined) return rows
      const found = this.#statements.revisions.all(id, fromOpen, toOpenExclusive) as Parameters<CandleFrame['append']>[]
      for (const row of found) rows.append(...row)
      return rows
    })
  }

  /**
   * Keeps what the exchanges say of their markets, so that a backtest over these candles trades in their grains. Of two
   * versions the later one counts.
   * @param atMs when it was said, on the exchange's clock, UTC ms.
   * @throws TallowError, and then nothing is written.
   */
  saveInstruments(instruments: readonly Instrument[], atMs: number): void {
    this.#inTransaction(() => {
      this.#instruments.save(instruments, atMs)
    })
  }

  /** The newest filters of a market; undefined when none were ever saved. @throws TallowError. */
  instrument(exchange: string, symbol: string): Instrument | undefined {
    return guarded(this.#path, () => this.#instruments.read(exchange, symbol))
  }

  close(): void {
    this.#db.close()
  }

  #inTransaction<T>(task: () => T): T {
    return guarded(this.#path, () => {
      try {
        return this.#db.transaction(task).immediate()
      } catch (error) {
        // Ids handed out inside the transaction went with it.
        this.#ids.clear()
        throw error
      }
    })
  }

  #writeSeries({ series, frame }: SeriesRows): WriteCounts {
    assertAscending(frame)
    const revisedTimes: number[] = []
    const counts = { inserted: 0, revised: 0, revisedTimes, unchanged: 0 }
    if (frame.length === 0) return counts
    const id = this.#id(series) ?? this.#create(series)
    this.#chunks.write(id, series.timeframe, frame, ({ inserted, revised, unchanged }) => {
      counts.inserted += inserted.length
      counts.revised += revised.length
      counts.unchanged += unchanged
      for (let row = 0; row < revised.length; row++) revisedTimes.push(revised.timeAt(row))
    })
    return counts
  }

  #id(series: SeriesId): number | undefined {
    const key = seriesKey(series)
    const known = this.#ids.get(key) ?? (this.#statements.seriesId.get(key) as number | undefined)
    if (known !== undefined) this.#ids.set(key, known)
    return known
  }

  #create(series: SeriesId): number {
    const key = seriesKey(series)
    const id = Number(this.#statements.addSeries.run(key).lastInsertRowid)
    this.#ids.set(key, id)
    return id
  }
}

/** A frame of two rows, of which only the times count. */
function edges(from: number, to: number): CandleFrame {
  const frame = new CandleFrame(2)
  for (const time of from === to ? [from] : [from, to]) frame.append(time, 1, 1, 1, 1, 0)
  return frame
}
