import { LRUCache } from 'lru-cache'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { ColumnSpec } from './column-spec.ts'
import { ComputedColumns } from './computed.ts'
import { LiveColumns } from './live-columns.ts'

export interface ColumnCacheOptions {
  /** Most memory that the values of the cached columns may take together. Default 512 MB. */
  readonly maxBytes?: number
}

/** How full the cache is and how well it does. */
export interface ColumnCacheMetrics {
  readonly hits: number
  readonly misses: number
  /** Hits over requests; NaN before the first request. */
  readonly hitRate: number
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
  /** Entries that went, or were never kept, because of the bound. */
  readonly evictions: number
  /** Columns that were computed anew because rows below them were revised. */
  readonly renewed: number
}

interface Entry {
  readonly columns: ComputedColumns
  readonly frame: CandleFrame
  readonly seriesKey: string
  readonly key: string
}

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024
const BYTES_PER_VALUE = 8
/** What an entry weighs beside its values. */
const BYTES_PER_ENTRY = 512

/**
 * Columns by what they are: series, canonical key, origin (open time of the frame's first row). Strategies, sweeps
 * and readers that ask for the same get the same columns, computed once.
 *
 * A frame's columns are never given for another frame: one that takes its place, with the same series and origin,
 * replaces them. Bounded by bytes, the least recently asked for go first; whoever still holds such columns can go on
 * using them, the next to ask gets new ones. A column that is computed of another one shares it with whoever asks for
 * that one by itself.
 *
 * Columns grow with their frame at the next `advance`, by the rows that have closed since: nothing of them expires but
 * what a revised row makes wrong, see `invalidate`.
 */
export class ColumnCache {
  readonly #maxBytes: number
  /** To each entry the rows of its frame when it was last weighed: lru-cache takes a new size with a new value only. */
  readonly #entries: LRUCache<Entry, number>
  readonly #byFrame = new WeakMap<CandleFrame, Map<string, Entry>>()
  /** By series and column: of hundreds of symbols with a dozen columns each, few are of one kind. */
  readonly #byName = new Map<string, Set<Entry>>()
  #missesSinceWeighed = 0
  /** Also those that went because of the bound, for as long as somebody holds them. */
  readonly #live = new LiveColumns()
  #hits = 0
  #misses = 0
  #evictions = 0
  #renewed = 0

  constructor(options: ColumnCacheOptions = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#entries = new LRUCache<Entry, number>({
      maxSize: this.#maxBytes,
      dispose: (_rows, entry, reason) => {
        if (reason === 'set') return
        if (reason === 'evict') this.#evictions++
        this.#byFrame.get(entry.frame)?.delete(entry.key)
        const named = this.#byName.get(nameOf(entry))
        named?.delete(entry)
        if (named?.size === 0) this.#byName.delete(nameOf(entry))
      },
    })
  }

  /** The columns of a frame, not yet brought level with it. Equal requests give the same columns. */
  get(seriesKey: string, frame: CandleFrame, spec: ColumnSpec): ComputedColumns {
    const known = this.#byFrame.get(frame)?.get(spec.key)
    if (known !== undefined) {
      this.#hits++
      this.#entries.get(known)
      return known.columns
    }
    this.#misses++
    const { input } = spec
    const inner = input !== undefined && 'column' in input ? this.get(seriesKey, frame, input.column) : undefined
    const columns = new ComputedColumns(spec, frame, inner)
    this.#live.add(seriesKey, columns)
    this.#tidy(seriesKey, frame, spec.key)
    this.#add({ columns, frame, seriesKey, key: spec.key })
    return columns
  }

  /**
   * Rows of a series' frames have been changed in place: its columns are computed anew, at once, also those that are
   * held outside and no longer here. Call it for a higher timeframe too, when its frame has followed.
   * @param fromOpenTime open time of the first changed row, UTC ms. Values before it come out the same, to the bit.
   * @returns how many columns it concerned.
   */
  invalidate(seriesKey: string, fromOpenTime: number): number {
    const concerned = this.#live.of(seriesKey).filter(columns => columns.frame.lastTime >= fromOpenTime)
    for (const columns of concerned) columns.renew()
    this.#renewed += concerned.length
    return concerned.length
  }

  get hits(): number {
    return this.#hits
  }

  get misses(): number {
    return this.#misses
  }

  /** Hits over requests; NaN before the first request. */
  get hitRate(): number {
    return this.#hits / (this.#hits + this.#misses)
  }

  metrics(): ColumnCacheMetrics {
    this.#weighGrown()
    return {
      hits: this.#hits,
      misses: this.#misses,
      hitRate: this.hitRate,
      entries: this.#entries.size,
      bytes: this.#entries.calculatedSize,
      maxBytes: this.#maxBytes,
      evictions: this.#evictions,
      renewed: this.#renewed,
    }
  }

  #add(entry: Entry): void {
    this.#weigh(entry)
    if (!this.#entries.has(entry)) {
      // Larger than the whole bound: lru-cache does not keep it.
      this.#evictions++
      return
    }
    const columnsOfFrame = this.#byFrame.get(entry.frame)
    if (columnsOfFrame === undefined) this.#byFrame.set(entry.frame, new Map([[entry.key, entry]]))
    else columnsOfFrame.set(entry.key, entry)
    const named = this.#byName.get(nameOf(entry))
    if (named === undefined) this.#byName.set(nameOf(entry), new Set([entry]))
    else named.add(entry)
  }

  #weigh(entry: Entry): void {
    const rows = entry.frame.length
    const size = BYTES_PER_ENTRY + rows * entry.columns.outputs.length * BYTES_PER_VALUE
    this.#entries.set(entry, rows, { size })
  }

  /** At a miss: lets go of what the new frame replaces. A start misses thousands of times, so all are looked at but seldom. */
  #tidy(seriesKey: string, frame: CandleFrame, key: string): void {
    const origin = frame.timeAt(0)
    for (const entry of [...(this.#byName.get(nameOf({ seriesKey, key })) ?? [])])
      if (entry.frame.timeAt(0) === origin) this.#entries.delete(entry)
    this.#missesSinceWeighed++
    if (this.#missesSinceWeighed >= this.#entries.size) this.#weighGrown()
  }

  /** Weighs those anew whose frame has doubled since: a bot that runs for months asks for its columns but once. */
  #weighGrown(): void {
    this.#missesSinceWeighed = 0
    for (const [entry, weighedRows] of [...this.#entries.entries()])
      // Weighing another may have pushed it out.
      if (this.#entries.has(entry) && entry.frame.length > 2 * weighedRows) this.#weigh(entry)
  }
}

function nameOf({ seriesKey, key }: Pick<Entry, 'seriesKey' | 'key'>): string {
  return `${seriesKey} ${key}`
}
