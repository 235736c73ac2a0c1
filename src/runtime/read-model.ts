import type { TradingMode } from '../domain/trading-mode.ts'
import type { LimiterMetrics } from '../exchange/limiter/request-limiter.ts'
import type { ColumnCacheMetrics } from '../indicators/column-cache.ts'
import type { LedgerMetrics } from '../ledger/ledger.ts'
import type { FeedMetrics } from '../market/feed-events.ts'
import type { CacheMetrics } from '../market/frame-cache.ts'
import type { HealthDocument } from '../telemetry/health-document.ts'
import type { HealthReadings } from '../telemetry/health-readings.ts'
import type { PointStats } from '../telemetry/point.ts'
import type { BotStatus } from './control/bot-status.ts'
import type { TallyCounts } from './tally.ts'

/** What others may see of a running daemon, over HTTP and elsewhere. Reading changes nothing and waits for nothing. */
export interface ReadModel {
  /** How it is now: what it last found, or that it has not looked for too long. */
  health(): HealthDocument
  figures(): RuntimeFigures
}

/** What a daemon counts and measures; what is undefined is not there now, as while it starts. */
export interface RuntimeFigures {
  readonly bot: string
  readonly version: string
  /** What the newest health document was made of. */
  readonly readings: HealthReadings | undefined
  readonly account: BotStatus | undefined
  /** What the owner lets it do. */
  readonly mode: TradingMode | undefined
  /** Since the process began. */
  readonly counts: TallyCounts
  readonly feed: FeedMetrics | undefined
  readonly limiter: LimiterMetrics
  readonly cache: CacheMetrics
  /** Of the run in hand; undefined before the first. */
  readonly columns: ColumnCacheMetrics | undefined
  readonly ledger: LedgerMetrics
  /** Undefined when points are off. */
  readonly points: PointStats | undefined
}
