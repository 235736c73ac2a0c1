import type { Bot } from '../engine/bot.ts'
import type { Leg } from '../engine/leg.ts'
import type { Slice } from '../market/slice.ts'
import type { CacheMetrics, FrameCache } from '../market/frame-cache.ts'

export interface RowDemandOptions {
  readonly bot: Bot
  readonly cache: FrameCache
  /** Closed rows that came over the network since the start. */
  readonly rowsFetched: () => number
}

/** Of fewer rows a decision, the one that has just closed is too large a part for a rate to say anything. */
const ROWS_MIN = 10
const SNAPSHOT_EVERY_MS = 60_000
const SNAPSHOTS_MAX = 60

interface Snapshot extends Pick<CacheMetrics, 'rowsAsked' | 'rowsWithoutNetwork'> {
  readonly at: number
}

/**
 * What a running bot asks of its candles. Each decision of a strategy rests on the rows that its columns look back over:
 * so many are asked for. What has come over the network since the decision before was not there: the candle that has just
 * closed, and whatever had to be fetched again. The rest was served from memory. Other readers of the cache count too.
 */
export class RowDemand {
  readonly #options: RowDemandOptions
  /** Rows that a decision rests on, by the key of its market; of all strategies together. */
  readonly #windows = new Map<string, number>()
  readonly #widest: number
  #fetched: number
  /** Oldest first, a minute or more apart; the first is that of the start. */
  readonly #snapshots: Snapshot[]

  constructor(options: RowDemandOptions, now: number) {
    this.#options = options
    this.#fetched = options.rowsFetched()
    let widest = 0
    for (const market of options.bot.state.markets) {
      const windows = market.legs.map(windowRows)
      this.#windows.set(
        market.key,
        windows.reduce((sum, rows) => sum + rows, 0),
      )
      widest = Math.max(widest, ...windows)
    }
    this.#widest = widest
    this.#snapshots = [this.#snapshot(now)]
  }

  /** A slice has been decided on. */
  decided({ candles }: Slice): void {
    const { cache, rowsFetched } = this.#options
    let asked = 0
    for (const { key } of candles) asked += this.#windows.get(key) ?? 0
    if (asked === 0) return
    const fetched = rowsFetched()
    const served = Math.max(0, asked - (fetched - this.#fetched))
    // What was fetched beyond what this slice asked for counts against the next.
    this.#fetched = Math.min(fetched, this.#fetched + asked)
    cache.count(asked, served)
  }

  /** A slice has been taken in without a decision: what came for it was asked for by nobody. */
  passed({ candles }: Slice): void {
    this.#fetched = Math.min(this.#options.rowsFetched(), this.#fetched + candles.length)
  }

  /** Rows served without the network over rows asked for, of the last 60 minutes in which anybody asked. */
  rate(now: number): number | undefined {
    const newest = this.#snapshot(now)
    const last = this.#snapshots.at(-1)
    if (last !== undefined && now - last.at >= SNAPSHOT_EVERY_MS && newest.rowsAsked > last.rowsAsked) {
      this.#snapshots.push(newest)
      if (this.#snapshots.length > SNAPSHOTS_MAX) this.#snapshots.shift()
    }
    const first = this.#snapshots[0]
    if (this.#widest < ROWS_MIN || first === undefined || newest.rowsAsked === first.rowsAsked) return undefined
    return (newest.rowsWithoutNetwork - first.rowsWithoutNetwork) / (newest.rowsAsked - first.rowsAsked)
  }

  /** Why there is no rate. */
  get unknown(): string {
    return this.#widest < ROWS_MIN
      ? `the strategies look back over fewer than ${ROWS_MIN} candles: there is next to nothing to keep for them`
      : 'nobody has asked for candles yet'
  }

  #snapshot(at: number): Snapshot {
    const { rowsAsked, rowsWithoutNetwork } = this.#options.cache.metrics()
    return { at, rowsAsked, rowsWithoutNetwork }
  }
}

/** Of each timeframe as many as its longest warm-up, and the newest. */
function windowRows({ strategy }: Leg): number {
  const rows = new Map<string, number>()
  for (const { timeframe = strategy.timeframe, warmup } of Object.values(strategy.columns))
    rows.set(timeframe, Math.max(rows.get(timeframe) ?? 0, warmup + 1))
  return [...rows.values()].reduce((sum, count) => sum + count, 0)
}
