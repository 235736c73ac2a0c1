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
  readonly memory?: { readonly usedBytes: number; readonly allowedBytes: number } | undefined
  readonly averageFetchSeconds?: number | undefined
  readonly averageLedgerSeconds?: number | undefined
  /** From the close of a bar to its decisions, real time. */
  readonly averageIterationSeconds?: number | undefined
  /** Share of the request budget that is left. */
  readonly rateLimitHeadroom?: number | undefined
  /** Exchange clock minus this machine's. */
  readonly clockOffsetMs?: number | undefined
  /** Undefined when points are off. */
  readonly points?:
    { readonly pending: number; readonly lost: number; readonly lastError: string | undefined } | undefined
  readonly ledgerWritable?: boolean | undefined
  readonly diskFreeBytes?: number | undefined
  /** Null: none since the start. */
  readonly lastError?: { readonly message: string; readonly ageSeconds: number } | null | undefined
}

export interface SeriesReading {
  /** `binance:BTC/USDT:1m` */
  readonly series: string
  /** Open time of the last closed candle, UTC ms; undefined before the first. */
  readonly lastClosed: number | undefined
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
  diskFreeBytesWarn: 500 * MEBIBYTE,
  diskFreeBytesFail: 50 * MEBIBYTE,
  candleLatenessMs: 30_000,
  seriesGraceSeconds: 120,
  lastErrorSeconds: 300,
}
