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
  | 'reconciliation'
  | 'last_error'

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'unknown'

export interface HealthCheck {
  readonly name: CheckName
  readonly status: CheckStatus
  /** Null when nothing was measured. */
  readonly value: number | null
  readonly threshold: number | null
  readonly unit: 'ms' | 's' | 'ratio' | 'bytes' | 'points' | 'boolean' | 'differences'
  /** What is wrong and what to do, or why it is unknown; empty when all is well. */
  readonly detail: string
}

export interface SeriesHealth {
  readonly series: string
  /** Open time of the last closed candle, UTC ms; null when there is none yet. */
  readonly lastClosed: number | null
  /** Exchange time since that candle closed; null when nobody can tell. */
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
 * Of a daemon that has begun and not measured anything yet: it loads candles, or waits after crashes. It is live, and not
 * ready; where that takes longer than a start may, it is not well either.
 * @param graceSeconds for so long that is no fault.
 */
export function startingDocument(seconds: number, graceSeconds: number, restarts: number): HealthDocument {
  const late = seconds > graceSeconds
  const waiting = 'it is starting: candles of the past are loaded, or it waits after crashes'
  return {
    status: late ? 'unhealthy' : 'degraded',
    live: true,
    ready: false,
    mode: 'paper',
    uptimeSeconds: Math.floor(seconds),
    restarts,
    checks: [
      {
        name: 'candle_age',
        status: late ? 'fail' : 'unknown',
        value: null,
        threshold: null,
        unit: 's',
        detail: late ? `${waiting}, for longer than it should: see its log, check exchange and network` : waiting,
      },
    ],
    series: [],
  }
}

/** 0 when well, else 1. @param strict also a degraded daemon is not well. */
export function healthExitCode(document: HealthDocument, strict: boolean): 0 | 1 {
  if (document.status === 'healthy') return 0
  return document.status === 'degraded' && !strict ? 0 : 1
}
