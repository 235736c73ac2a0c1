/** What was really measured. What was not is undefined, and its check says "unknown". */
export interface HealthReadings {
  readonly mode: string
  readonly uptimeSeconds: number
  readonly restarts: number
  /** Recovery is done and the feed runs. */
  readonly recovered: boolean
  /** Exchange time, UTC ms. */
  readonly exchangeTimeMs: number
  readonly series: readonly SeriesReading[]
  /** Beyond the timer's own grain, over the last report interval. */
  readonly eventLoopDelayP99Ms?: number | undefined
  /** Rows served without the network over rows asked for. */
  readonly cacheHitRate?: number | undefined
  /** Why there is none. */
  readonly cacheUnknown?: string | undefined
  /** Of the process, of what machine or cgroup allows. */
  readonly memory?: BytesOf | undefined
  /** Of JavaScript's heap: the process ends when it is full. */
  readonly heap?: BytesOf | undefined
  readonly averageFetchSeconds?: number | undefined
  readonly averageLedgerSeconds?: number | undefined
  /** From the close of a bar to its decisions, real time. */
  readonly averageIterationSeconds?: number | undefined
  /** Share of the request budget that is left. */
  readonly rateLimitHeadroom?: number | undefined
  /** For so long the exchange answers nothing, exchange time; undefined while it does. */
  readonly bannedSeconds?: number | undefined
  /** Exchange clock minus this machine's. */
  readonly clockOffsetMs?: number | undefined
  /** Undefined when points are off. */
  readonly points?: PointsReading | undefined
  readonly ledgerWritable?: boolean | undefined
  /** The longest write-ahead log of the data folder. */
  readonly journal?: { readonly file: string; readonly bytes: number } | undefined
  /** The newest comparison of memory and ledger. */
  readonly reconciliation?: Reconciliation | undefined
  readonly diskFreeBytes?: number | undefined
  /** Null: none since the start. */
  readonly lastError?: { readonly message: string; readonly ageSeconds: number } | null | undefined
}

interface BytesOf {
  readonly usedBytes: number
  readonly allowedBytes: number
}

interface PointsReading {
  readonly pending: number
  /** How long the oldest of them has waited. */
  readonly oldestSeconds: number
  readonly lost: number
  readonly lastError: string | undefined
}

interface Reconciliation {
  readonly ageSeconds: number
  /** What differs, in words; none when all is as it should be. */
  readonly differences: readonly string[]
  /** Columns that were not what their candles give, in words; they have been computed anew since. */
  readonly columns?: readonly string[] | undefined
}

export interface SeriesReading {
  /** `binance:BTC/USDT:1m` */
  readonly series: string
  /** Open time of the last closed candle, UTC ms; undefined before the first. */
  readonly lastClosed: number | undefined
  /** The feed says that a second candle is about to be missed. */
  readonly overdue?: boolean
}

export interface HealthThresholds {
  readonly eventLoopDelayWarnMs: number
  readonly eventLoopDelayFailMs: number
  readonly cacheHitRateMin: number
  /** For so long after a start a hit rate says nothing. */
  readonly cacheWarmupSeconds: number
  readonly memoryShareWarn: number
  readonly memoryShareFail: number
  readonly fetchSecondsMax: number
  readonly ledgerSecondsMax: number
  readonly iterationSecondsMax: number
  readonly rateLimitHeadroomMin: number
  readonly clockOffsetMsMax: number
  readonly pointsPendingMax: number
  /** How long a point may wait. */
  readonly pointsAgeSecondsMax: number
  /** Of a write-ahead log. */
  readonly journalBytesWarn: number
  /** How often memory is compared with the ledger, real time. */
  readonly reconcileEverySeconds: number
  readonly diskFreeBytesWarn: number
  readonly diskFreeBytesFail: number
  /** A series is stale when its last close is older than two bars and this much, exchange time. */
  readonly candleLatenessMs: number
  /** For so long after a start a series may have no candle yet, or old ones: they are being fetched. Real time. */
  readonly seriesGraceSeconds: number
  /** For so long an error shows. */
  readonly lastErrorSeconds: number
}

const MEBIBYTE = 1024 * 1024

export const DEFAULT_HEALTH_THRESHOLDS: HealthThresholds = {
  eventLoopDelayWarnMs: 200,
  eventLoopDelayFailMs: 5_000,
  cacheHitRateMin: 0.7,
  cacheWarmupSeconds: 600,
  memoryShareWarn: 0.8,
  memoryShareFail: 0.95,
  fetchSecondsMax: 1,
  ledgerSecondsMax: 0.5,
  iterationSecondsMax: 2,
  rateLimitHeadroomMin: 0.2,
  clockOffsetMsMax: 1_000,
  pointsPendingMax: 25_000,
  pointsAgeSecondsMax: 300,
  journalBytesWarn: 64 * MEBIBYTE,
  reconcileEverySeconds: 60,
  diskFreeBytesWarn: 500 * MEBIBYTE,
  diskFreeBytesFail: 50 * MEBIBYTE,
  candleLatenessMs: 30_000,
  seriesGraceSeconds: 120,
  lastErrorSeconds: 300,
}
