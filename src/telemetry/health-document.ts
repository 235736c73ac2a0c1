/** Names of the checks that exist; a contract with scripts. */
export type CheckName =
  | 'event_loop_delay'
  | 'candle_age'
  | 'cache_hit_rate'
  | 'memory'
  | 'fetch_time'
  | 'ledger_time'
  | 'iteration_time'
  | 'rate_limit_headroom'
  | 'clock_offset'
  | 'outbox_backlog'
  | 'ledger_writable'
  | 'disk_free'
  | 'last_error'

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'unknown'

export interface HealthCheck {
  readonly name: CheckName
  readonly status: CheckStatus
  /** Null when nothing was measured. */
  readonly value: number | null
  readonly threshold: number | null
  readonly unit: 'ms' | 's' | 'ratio' | 'bytes' | 'points' | 'boolean'
  /** What is wrong and what to do, or why it is unknown; empty when all is well. */
  readonly detail: string
}

export interface SeriesHealth {
  readonly series: string
  /** Open time of the last closed candle, UTC ms; null when there is none yet. */
  readonly lastClosed: number | null
  /** Exchange time since that candle closed. */
  readonly ageSeconds: number | null
  readonly stale: boolean
}

/** What `tallow health --json` prints: a contract with scripts. */
export interface HealthDocument {
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'unreachable'
  /** The loop turns. */
  readonly live: boolean
  /** It may trade. */
  readonly ready: boolean
  readonly mode: string
  readonly uptimeSeconds: number
  /** Runs of this bot before the present one. */
  readonly restarts: number
  readonly checks: readonly HealthCheck[]
  readonly series: readonly SeriesHealth[]
}

/** A health document as it is handed on. */
export interface Heartbeat {
  /** This machine's time, UTC ms. */
  readonly at: number
  /** JSON. */
  readonly document: string
}

const HEARTBEAT_STALE_MS = 30_000

/** Stands in when no daemon answers: there is nothing to measure, only the reason. */
export function unreachableDocument(reason: string): HealthDocument {
  return {
    status: 'unreachable',
    live: false,
    ready: false,
    mode: 'unknown',
    uptimeSeconds: 0,
    restarts: 0,
    checks: [{ name: 'last_error', status: 'fail', value: null, threshold: null, unit: 's', detail: reason }],
    series: [],
  }
}

/** The last word of a daemon that could not go on. */
export function stoppedDocument(error: unknown): HealthDocument {
  const message = error instanceof Error ? error.message : String(error)
  return unreachableDocument(`the daemon stopped with an error: ${message}; put it right, then start tallow run`)
}

/**
 * The daemon's newest document as another process reads it: believed only while it is fresh.
 * @param nowMs real time, UTC ms, as the heartbeat's own.
 * @param staleAfterMs age past which the daemon counts as dead or hung.
 */
export function documentOfHeartbeat(
  heartbeat: Heartbeat | undefined,
  nowMs: number,
  staleAfterMs: number = HEARTBEAT_STALE_MS,
): HealthDocument {
  if (heartbeat === undefined) return unreachableDocument('no daemon runs on this data folder: start tallow run')
  const ageMs = nowMs - heartbeat.at
  if (ageMs > staleAfterMs)
    return unreachableDocument(
      `the daemon has not reported for ${Math.round(ageMs / 1_000)} s: it was killed or hangs; see its log and start it again`,
    )
  try {
    // Written by evaluateHealth in the daemon, into a ledger whose schema was checked.
    return JSON.parse(heartbeat.document) as HealthDocument
  } catch {
    return unreachableDocument('the report of the daemon cannot be read: is it of another version?')
  }
}

/** 0 when well, else 1. @param strict also a degraded daemon is not well. */
export function healthExitCode(document: HealthDocument, strict: boolean): 0 | 1 {
  if (document.status === 'healthy') return 0
  return document.status === 'degraded' && !strict ? 0 : 1
}
