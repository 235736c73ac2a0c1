import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import type { Instrument } from '../domain/instrument.ts'
import { compareKeys, parseSeriesKey, seriesKey, type SeriesId } from '../domain/series.ts'
import { durationMs, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { CandleFrame } from '../frame/candle-frame.ts'
import { appendChunk, assertAscending, damagedChunk, encodeChunk, mergeRows, type Merge } from './chunk-codec.ts'
import { guarded, openStoreFile } from './store-schema.ts'
import { StoreInstruments } from './store-instruments.ts'
import { storeStatements } from './store-statements.ts'

/** Bars in the time span of a chunk. */
const CHUNK_BARS = 512
/** So many young rows of a chunk lie singly before they are folded into its blob: a live bar costs 100 bytes, not 24 kB. */
const TAIL_ROWS_MAX = 64

export interface StoredSeries {
  readonly series: SeriesId
  readonly key: string
  /** Open time of the first candle, UTC ms. */
  readonly from: number
  /** Close of the last candle: exclusive, so that `read(series, from, to)` gives all. UTC ms. */
  readonly to: number
  readonly candles: number
}

export interface WriteCounts {
  readonly inserted: number
  /** Rows that say something else than the stored ones: the first is kept, the other goes to the `revision` table. */
  readonly revised: number
  /** Their open times, UTC ms. */
  readonly revisedTimes: readonly number[]
  readonly unchanged: number
}

export interface SeriesRows {
  readonly series: SeriesId
  readonly frame: CandleFrame
}

type Written = Pick<Merge, 'inserted' | 'revised' | 'unchanged'>

const NO_ROWS = new CandleFrame()

type TailRow = [number, number, number, number, number, number, number]
type ChunkRow = [bucket: number, count: number, crc: number, rows: Buffer]

/**
 * Candles on disk: column blobs of 512 bars, aligned in time, and a tail of young rows. Any number of readers beside
 * one writer. It can always be built again, so it may lose the last moments at a power cut, never its integrity.
 */
export class CandleStore {
  readonly #db: Database.Database
  readonly #path: string
  readonly #ids = new Map<string, number>()
  readonly #statements: ReturnType<typeof storeStatements>
  readonly #instruments: StoreInstruments

  private constructor(db: Database.Database, path: string) {
    this.#db = db
    this.#path = path
    this.#statements = storeStatements(db)
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
      return this.#db.transaction(() => this.#rows(id, series.timeframe, fromOpen, toOpenExclusive))()
    })
  }

  /** What is stored, ordered by key. */
  list(): StoredSeries[] {
    return guarded(this.#path, () => {
      const rows = this.#statements.list.all() as [string, number, number, number][]
      return rows
        .map(([key, first, last, candles]) => {
          const series = parseSeriesKey(key)
          return { series, key, from: first, to: nextBarOpen(series.timeframe, last), candles }
        })
        .sort((a, b) => compareKeys(a.key, b.key))
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
    const spanMs = chunkSpanMs(series.timeframe)
    for (let from = 0; from < frame.length;) {
      const bucket = Math.floor(frame.timeAt(from) / spanMs)
      const to = frame.firstRowFrom((bucket + 1) * spanMs)
      const merge = this.#writeBucket(
        id,
        spanMs,
        bucket,
        from === 0 && to === frame.length ? frame : frame.slice(from, to),
      )
      counts.inserted += merge.inserted.length
      counts.revised += merge.revised.length
      counts.unchanged += merge.unchanged
      for (let row = 0; row < merge.revised.length; row++) revisedTimes.push(merge.revised.timeAt(row))
      from = to
    }
    return counts
  }

  #writeBucket(id: number, spanMs: number, bucket: number, incoming: CandleFrame): Written {
    const start = bucket * spanMs
    const newest = this.#statements.newest.get(id, bucket, id, start, start + spanMs) as number | null
    const young = this.#statements.tailCount.get(id, start, start + spanMs) as number
    if ((newest === null || incoming.timeAt(0) > newest) && young + incoming.length <= TAIL_ROWS_MAX) {
      // The way of every live bar: behind all that is there, nothing to compare with, no blob read.
      this.#addTail(id, incoming)
      this.#foldBefore(id, spanMs, bucket)
      return { inserted: incoming, revised: NO_ROWS, unchanged: 0 }
    }
    const merge = mergeRows(this.#bucketRows(id, spanMs, bucket), incoming)
    const { inserted, revised } = merge
    for (let row = 0; row < revised.length; row++) this.#statements.addRevision.run(id, ...rowValues(revised, row))
    if (merge.marked || young + inserted.length > TAIL_ROWS_MAX) this.#fold(id, spanMs, bucket, merge.rows)
    else this.#addTail(id, inserted)
    this.#foldBefore(id, spanMs, bucket)
    return merge
  }

  #addTail(id: number, rows: CandleFrame): void {
    for (let row = 0; row < rows.length; row++)
      this.#statements.addTail.run(id, ...rowValues(rows, row), rows.flags[row] ?? 0)
  }

  /** Young rows of chunks that time has left behind go into their blobs. */
  #foldBefore(id: number, spanMs: number, bucket: number): void {
    for (;;) {
      const open = this.#statements.firstTail.get(id, bucket * spanMs) as number | null
      if (open === null) return
      const old = Math.floor(open / spanMs)
      this.#fold(id, spanMs, old, this.#bucketRows(id, spanMs, old))
    }
  }

  #fold(id: number, spanMs: number, bucket: number, rows: CandleFrame): void {
    const blob = encodeChunk(rows)
    const known = this.#statements.blobId.get(id, bucket) as number | undefined
    if (known !== undefined) this.#statements.updateBlob.run(crc32(blob), blob, known)
    const blobId = known ?? this.#statements.addBlob.run(crc32(blob), blob).lastInsertRowid
    this.#statements.putChunk.run(id, bucket, rows.timeAt(0), rows.lastTime, rows.length, blobId)
    this.#statements.dropTail.run(id, bucket * spanMs, (bucket + 1) * spanMs)
  }

  #bucketRows(id: number, spanMs: number, bucket: number): CandleFrame {
    return this.#collect(id, spanMs, bucket * spanMs, (bucket + 1) * spanMs)
  }

  #rows(id: number, timeframe: Timeframe, fromOpen: number, toOpen: number): CandleFrame {
    return this.#collect(id, chunkSpanMs(timeframe), fromOpen, toOpen)
  }

  /** Chunks and tail of a range, merged chunk by chunk. */
  #collect(id: number, spanMs: number, fromOpen: number, toOpen: number): CandleFrame {
    const bounds = [id, fromOpen, toOpen] as const
    const counted = (this.#statements.countIn.get(...bounds) as number | null) ?? 0
    const tail = tailByBucket(this.#statements.tailRows.all(...bounds) as TailRow[], spanMs)
    const rows = new CandleFrame(counted + tail.reduce((sum, entry) => sum + entry.rows.length, 0))
    let next = 0
    const appendTailBefore = (bucket: number): void => {
      for (let young = tail[next]; young && young.bucket < bucket; young = tail[++next]) appendAll(rows, young.rows)
    }
    for (const [bucket, count, crc, blob] of this.#statements.chunks.iterate(...bounds) as Iterable<ChunkRow>) {
      if (crc32(blob) !== crc) throw damagedChunk()
      appendTailBefore(bucket)
      const young = tail[next]
      if (young?.bucket !== bucket) appendChunk(rows, blob, count, fromOpen, toOpen)
      else {
        next++
        const old = new CandleFrame(count)
        appendChunk(old, blob, count, fromOpen, toOpen)
        appendAll(rows, mergeRows(old, young.rows).rows)
      }
    }
    appendTailBefore(Number.POSITIVE_INFINITY)
    return rows
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

function chunkSpanMs(timeframe: Timeframe): number {
  return durationMs(timeframe) * CHUNK_BARS
}

function rowValues(frame: CandleFrame, row: number): readonly [number, number, number, number, number, number] {
  const { openTime, open, high, low, close, volume } = frame.candle(row)
  return [openTime, open, high, low, close, volume]
}

function appendAll(target: CandleFrame, source: CandleFrame): void {
  target.appendRows(source, 0, source.length)
}

function tailByBucket(tail: readonly TailRow[], spanMs: number): { bucket: number; rows: CandleFrame }[] {
  const groups: { bucket: number; rows: CandleFrame }[] = []
  for (const row of tail) {
    const bucket = Math.floor(row[0] / spanMs)
    let group = groups.at(-1)
    if (group?.bucket !== bucket) {
      group = { bucket, rows: new CandleFrame() }
      groups.push(group)
    }
    group.rows.append(...row)
  }
  return groups
}
