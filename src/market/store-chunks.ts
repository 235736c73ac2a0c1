import { crc32 } from 'node:zlib'
import { bug } from '../domain/errors.ts'
import { durationMs, type Timeframe } from '../domain/timeframe.ts'
import { CandleFrame, ROW_FILLED, ROW_REVISED } from '../frame/candle-frame.ts'
import { appendChunk, damagedChunk, encodeChunk, mergeRows, type Merge } from './chunk-codec.ts'
import type { StoreStatements } from './store-statements.ts'

/** Bars in the time span of a chunk. */
const CHUNK_BARS = 512
/** So many young rows of a chunk lie singly before they are folded into its blob: a live bar costs 100 bytes, not 24 kB. */
const TAIL_ROWS_MAX = 64

const NO_ROWS = new CandleFrame()

export type Written = Pick<Merge, 'inserted' | 'revised' | 'unchanged'>

type TailRow = [number, number, number, number, number, number, number]
type ChunkRow = [bucket: number, count: number, crc: number, rows: Buffer]
type IndexRow = [bucket: number, first: number, last: number, count: number]
type CheckedChunk = [
  bucket: number,
  first: number,
  last: number,
  count: number,
  crc: number | null,
  rows: Buffer | null,
]

/** A stretch of a series: of the index, or of rows where the index does not say enough. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** A chunk that does not hold what was written. */
export interface DamagedChunk {
  readonly bucket: number
  /** Open times of its first and last candle, UTC ms. */
  readonly from: number
  readonly to: number
  readonly candles: number
}

/** The rows of series, by their number, in chunks and tail. Within the caller's transaction. */
export class StoreChunks {
  readonly #statements: StoreStatements

  constructor(statements: StoreStatements) {
    this.#statements = statements
  }

  /** Adds the rows of one frame, ascending; calls `onPart` for each chunk's share. */
  write(id: number, timeframe: Timeframe, frame: CandleFrame, onPart: (part: Written) => void): void {
    const spanMs = chunkSpanMs(timeframe)
    for (let from = 0; from < frame.length;) {
      const bucket = Math.floor(frame.timeAt(from) / spanMs)
      const to = frame.firstRowFrom((bucket + 1) * spanMs)
      const part = from === 0 && to === frame.length ? frame : frame.slice(from, to)
      onPart(this.#writeBucket(id, spanMs, bucket, part))
      from = to
    }
  }

  /** Chunks and tail of a range, merged chunk by chunk. @throws never-retry when a chunk is damaged. */
  read(id: number, timeframe: Timeframe, fromOpen: number, toOpen: number): CandleFrame {
    return this.#collect(id, chunkSpanMs(timeframe), fromOpen, toOpen)
  }

  /**
   * Where there are candles, ascending, from the index; rows are read only of chunks with holes. A stretch whose count is
   * that of its bars has none.
   */
  stretches(id: number, timeframe: Timeframe, isWhole: (stretch: Stretch) => boolean): (Stretch | CandleFrame)[] {
    const spanMs = chunkSpanMs(timeframe)
    const all = [id, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const
    const young = new Map(
      tailByBucket(this.#statements.tailRows.all(...all) as TailRow[], spanMs).map(({ bucket, rows }) => [
        bucket,
        rows,
      ]),
    )
    const found: (Stretch | CandleFrame)[] = []
    for (const [bucket, from, to, count] of this.#statements.index.all(...all) as IndexRow[]) {
      const stretch = { from, to, count }
      const whole = !young.delete(bucket) && isWhole(stretch)
      found.push(whole ? stretch : this.#bucketRows(id, spanMs, bucket))
    }
    return [...found, ...young.values()].sort((a, b) => startOf(a) - startOf(b))
  }

  /** Looks every chunk over. */
  damaged(id: number): DamagedChunk[] {
    const found: DamagedChunk[] = []
    for (const [bucket, from, to, candles, crc, blob] of this.#statements.damaged.iterate(id) as Iterable<CheckedChunk>)
      if (!holds(blob, crc, candles, from, to)) found.push({ bucket, from, to, candles })
    return found
  }

  /** Forgets a chunk, for rows that take its place in the same transaction. */
  drop(id: number, bucket: number): void {
    const blobId = this.#statements.blobId.get(id, bucket) as number | undefined
    if (blobId === undefined) throw bug(`there is no chunk ${bucket} to drop`)
    this.#statements.dropChunk.run(id, bucket)
    this.#statements.dropBlob.run(blobId)
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
    const marks = [countFlags(rows, ROW_FILLED), countFlags(rows, ROW_REVISED)] as const
    this.#statements.putChunk.run(id, bucket, rows.timeAt(0), rows.lastTime, rows.length, blobId, ...marks)
    this.#statements.dropTail.run(id, bucket * spanMs, (bucket + 1) * spanMs)
  }

  #bucketRows(id: number, spanMs: number, bucket: number): CandleFrame {
    return this.#collect(id, spanMs, bucket * spanMs, (bucket + 1) * spanMs)
  }

  #collect(id: number, spanMs: number, fromOpen: number, toOpen: number): CandleFrame {
    const bounds = [id, fromOpen, toOpen] as const
    const counted = (this.#statements.countIn.get(...bounds) as number | null) ?? 0
    const tail = tailByBucket(this.#statements.tailRows.all(...bounds) as TailRow[], spanMs)
    const rows = CandleFrame.withRoom(counted + tail.reduce((sum, entry) => sum + entry.rows.length, 0))
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
}

function chunkSpanMs(timeframe: Timeframe): number {
  return durationMs(timeframe) * CHUNK_BARS
}

function holds(blob: Buffer | null, crc: number | null, candles: number, from: number, to: number): boolean {
  if (blob === null || crc32(blob) !== crc) return false
  const rows = new CandleFrame(candles)
  try {
    appendChunk(rows, blob, candles, from, to + 1)
  } catch {
    return false
  }
  return rows.length === candles && rows.timeAt(0) === from && rows.lastTime === to
}

function startOf(part: Stretch | CandleFrame): number {
  return part instanceof CandleFrame ? part.timeAt(0) : part.from
}

function countFlags(rows: CandleFrame, mark: number): number {
  let count = 0
  for (let row = 0; row < rows.length; row++) if ((rows.flags[row] ?? 0) & mark) count++
  return count
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
