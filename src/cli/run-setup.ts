import { badInput } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import type { Timeframe } from '../domain/timeframe.ts'
import { realSleep } from '../exchange/simulator/real-time.ts'
import { ColumnCache } from '../indicators/column-cache.ts'
import type { StartGuardOptions } from '../runtime/start-guard.ts'
import type { RunSetup } from '../runtime/run-setup.ts'
import type { StrategyInstance } from '../strategy/instance.ts'
import { accountOf } from './account.ts'
import type { Plugged } from './compose.ts'
import { configHash } from './config-hash.ts'
import type { Config } from './config/schema.ts'
import { packageVersion } from './package-folder.ts'

const DAY_MS = 86_400_000
const BYTES_PER_MB = 1024 * 1024
/** Real time. At a speed of hundreds a bar takes less than a busy machine's hiccup, and that is no dead feed. */
const STALE_PATIENCE_MS = 5_000

/** What a run on paper is made of, from the config and what is plugged in. @throws bad input. */
export function runSetup(
  config: Config,
  plugged: Plugged,
  strategies: readonly StrategyInstance[],
  symbols: readonly string[],
): RunSetup {
  const { history, market, exchange } = config
  const timeframe = oneTimeframe(strategies)
  return {
    ...plugged,
    strategies,
    series: symbols.map((symbol): SeriesId => ({ exchange: plugged.source.exchange, symbol, timeframe })),
    account: accountOf(config, symbols.length, timeframe),
    version: packageVersion(),
    configHash: configHash(config),
    limits: { settleRowsMax: history.settle_rows_max, originRowsMax: history.origin_rows_max },
    decisionsKeptMs: history.decisions_days_max * DAY_MS,
    createColumns: () => new ColumnCache({ maxBytes: market.columns_size_mb * BYTES_PER_MB }),
    wallNow: Date.now,
    realSleep,
    staleAfterMs: market.stale_after_ms * plugged.speed,
    concurrency: exchange.concurrent_requests,
    batchSize: exchange.batch_size,
    requestTimeoutMs: exchange.request_timeout_ms,
    retriesMax: exchange.retries_max,
    closeMarginMs: market.close_margin_ms,
    lateAfterMs: market.late_after_ms,
    stalePatienceMsMin: STALE_PATIENCE_MS * plugged.speed,
  }
}

/** How the process is guarded. */
export function supervision({ supervision: guard }: Config): {
  readonly guard: StartGuardOptions
  readonly blockedAfterMs: number
} {
  return {
    guard: {
      restartsMax: guard.restarts_max,
      restartWindowMs: guard.restart_window_s * 1_000,
      restartWaitMsMax: guard.restart_wait_s_max * 1_000,
    },
    blockedAfterMs: guard.blocked_after_ms,
  }
}

/**
 * The timeframe of all strategies.
 * @throws bad input when they differ: the order of their fills on one wallet would hang on when each open becomes known.
 */
export function oneTimeframe(strategies: readonly StrategyInstance[]): Timeframe {
  const [first, ...rest] = strategies
  const other = rest.find(({ timeframe }) => timeframe !== first?.timeframe)
  if (first === undefined || other !== undefined)
    throw badInput(
      `${first?.name ?? ''} decides on ${first?.timeframe ?? ''}, ${other?.name ?? ''} on ${other?.timeframe ?? ''}: run takes one timeframe in this version`,
      {
        where: 'trading.strategies',
        hint: 'set trading.timeframe (-t) for all, or run two daemons with a data folder each; a strategy may read higher timeframes by its columns',
      },
    )
  return first.timeframe
}
