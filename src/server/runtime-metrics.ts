import type { ReadModel, RuntimeFigures } from '../runtime/read-model.ts'
import type { CheckStatus, HealthDocument } from '../telemetry/health-document.ts'
import { PROMETHEUS_CONTENT_TYPE, prometheusText, type Metric } from '../telemetry/prometheus-text.ts'
import { marketMetrics } from './market-metrics.ts'
import { counter, gauge } from './metric.ts'
import type { Route } from './route.ts'

/** `/metrics`, for Prometheus. */
export function metricsRoute(model: ReadModel): Route {
  return {
    path: '/metrics',
    answer: () => {
      const figures = model.figures()
      const metrics = runtimeMetrics(model.health(), figures)
      return { status: 200, contentType: PROMETHEUS_CONTENT_TYPE, body: prometheusText(metrics, { bot: figures.bot }) }
    },
  }
}

/** What a daemon measures and counts. Names are a contract with whoever draws and alarms by them. */
function runtimeMetrics(health: HealthDocument, figures: RuntimeFigures): readonly Metric[] {
  return [
    ...healthMetrics(health, figures),
    ...accountMetrics(figures),
    ...orderMetrics(figures),
    ...marketMetrics(figures, health),
    ...processMetrics(figures),
    ...recordMetrics(figures),
  ]
}

/** A number to compare with: `tallow_check > 0` wants somebody to look. */
const LEVELS: Readonly<Record<CheckStatus, number>> = { unknown: -1, ok: 0, warn: 1, fail: 2 }

function healthMetrics(health: HealthDocument, { version, mode }: RuntimeFigures): readonly Metric[] {
  return [
    gauge('tallow_info', 'Always 1; which version runs, and what its owner lets it do.', 1, {
      version,
      mode: health.mode,
      trading: mode ?? 'starting',
    }),
    gauge('tallow_live', '1 when the loop turns.', Number(health.live)),
    gauge('tallow_ready', '1 when it may trade.', Number(health.ready)),
    {
      name: 'tallow_check',
      type: 'gauge',
      help: 'A health check: -1 unknown, 0 ok, 1 warns, 2 fails.',
      samples: health.checks.map(({ name, status }) => ({ labels: { check: name }, value: LEVELS[status] })),
    },
    gauge('tallow_uptime_seconds', 'Since the start of this run.', health.uptimeSeconds),
    counter('tallow_restarts_total', 'Runs of this bot before the present one.', health.restarts),
  ]
}

function accountMetrics({ account }: RuntimeFigures): readonly Metric[] {
  if (account === undefined) return []
  return [
    gauge(
      'tallow_equity_quote',
      'Cash and positions at the newest closes, quote currency.',
      account.equity ?? undefined,
    ),
    gauge('tallow_cash_quote', 'Cash, quote currency.', account.cash),
    gauge('tallow_positions', 'Positions that are held.', account.positions.length),
    {
      name: 'tallow_position_profit_quote',
      type: 'gauge',
      help: 'What a position has gained at the newest close, before fees, quote currency.',
      samples: account.positions.map(({ strategy, exchange, symbol, side, unrealizedProfit }) => ({
        labels: { strategy, exchange, symbol, side },
        value: unrealizedProfit ?? undefined,
      })),
    },
    gauge('tallow_orders_open', 'Orders that rest.', account.orders.length),
    gauge(
      'tallow_strategies_excluded',
      'Strategies that are not asked because of what they did.',
      account.excluded.length,
    ),
  ]
}

function orderMetrics({ counts }: RuntimeFigures): readonly Metric[] {
  return [
    counter('tallow_slices_total', 'Slices that were decided on.', counts.slices),
    {
      name: 'tallow_orders_total',
      type: 'counter',
      help: 'Orders, by what happened to them.',
      samples: Object.entries(counts.orders).map(([event, value]) => ({ labels: { event }, value })),
    },
    counter('tallow_fills_total', 'Fills.', counts.fills),
    counter('tallow_trades_total', 'Round trips that ended.', counts.trades),
    {
      name: 'tallow_refusals_total',
      type: 'counter',
      help: 'Orders that risk refused, by reason.',
      samples: [...counts.refusals].map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ]
}

function processMetrics({ readings }: RuntimeFigures): readonly Metric[] {
  if (readings === undefined) return []
  const { memory, heap, eventLoopDelayP99Ms: delayMs } = readings
  return [
    gauge('tallow_memory_bytes', 'Resident memory of the process.', memory?.usedBytes),
    gauge('tallow_memory_allowed_bytes', 'What machine or cgroup allows.', memory?.allowedBytes),
    gauge('tallow_heap_bytes', "JavaScript's part of it.", heap?.usedBytes),
    gauge('tallow_heap_allowed_bytes', 'Where the heap ends.', heap?.allowedBytes),
    gauge(
      'tallow_event_loop_delay_p99_seconds',
      '99th percentile of how late timers fire, over the last 5 s.',
      delayMs === undefined ? undefined : delayMs / 1_000,
    ),
    gauge('tallow_disk_free_bytes', 'On the disk of the data folder.', readings.diskFreeBytes),
  ]
}

function recordMetrics({ readings, ledger, counts, points }: RuntimeFigures): readonly Metric[] {
  const committed = ledger.commits > 0
  return [
    gauge(
      'tallow_ledger_commit_seconds',
      'Average of the last commits to the ledger.',
      committed ? ledger.averageCommitMs / 1_000 : undefined,
    ),
    gauge(
      'tallow_ledger_commit_max_seconds',
      'Slowest of the last commits to the ledger.',
      committed ? ledger.slowestMs / 1_000 : undefined,
    ),
    counter('tallow_ledger_commits_total', 'Commits to the ledger.', ledger.commits),
    counter('tallow_ledger_failed_commits_total', 'Commits that failed and were tried again.', counts.failedCommits),
    gauge('tallow_journal_bytes', 'Longest write-ahead log of the data folder.', readings?.journal?.bytes),
    gauge(
      'tallow_reconciliation_differences',
      'Where memory and ledger differ.',
      readings?.reconciliation?.differences.length,
    ),
    gauge('tallow_outbox_points', 'Points that wait to be sent.', points?.pending),
    gauge('tallow_outbox_oldest_seconds', 'How long the oldest of them has waited.', points?.oldestPendingSeconds),
    gauge('tallow_outbox_bytes', 'What waits on disk, packed.', points?.outboxBytes),
    counter('tallow_points_accepted_total', 'Points that were written.', points?.accepted),
    counter('tallow_points_sent_total', 'Points that the server took.', points?.sent),
    counter('tallow_points_lost_total', 'Points that were dropped or refused by the server.', points?.lost),
  ]
}
