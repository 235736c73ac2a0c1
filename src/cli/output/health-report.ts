import type { HealthCheck, HealthDocument } from '../../telemetry/health-document.ts'
import type { Io } from '../io.ts'
import { colours, type Colours } from './colour.ts'
import { formatCount, formatDuration, formatNumber, formatPercent, formatTime } from './format.ts'
import { table, type TableColumn } from './table.ts'

/** A health document for people. */
export function healthReport(io: Io, document: HealthDocument): string {
  const paint = colours(io, 'stdout')
  const status = paintStatus(paint, document.status)
  if (document.status === 'unreachable') return `${status}: ${document.checks[0]?.detail ?? ''}\n`
  const head = [
    `${document.mode}, up ${formatDuration(document.uptimeSeconds * 1_000)}`,
    formatCount(document.restarts, 'restart'),
    document.ready ? 'ready to trade' : 'not ready to trade',
  ]
  const checks = document.checks.map(check => checkCells(paint, check))
  const series = document.series.map(({ series: key, lastClosed, ageSeconds, stale }) => [
    key,
    formatTime(lastClosed),
    ageSeconds === null ? '-' : formatDuration(ageSeconds * 1_000),
    stale ? paint.red('stale') : 'fresh',
  ])
  const tables = [table(CHECK_COLUMNS, checks), ...(series.length === 0 ? [] : [table(SERIES_COLUMNS, series)])]
  return `${status}: ${head.join(', ')}\n\n${tables.join('\n')}`
}

const CHECK_COLUMNS: readonly TableColumn[] = [
  { title: 'check' },
  { title: 'status' },
  { title: 'value', align: 'right' },
  { title: 'limit', align: 'right' },
  { title: 'what to do' },
]

const SERIES_COLUMNS: readonly TableColumn[] = [
  { title: 'series' },
  { title: 'last closed candle (UTC)' },
  { title: 'age', align: 'right' },
  { title: '' },
]

function checkCells(paint: Colours, check: HealthCheck): readonly string[] {
  return [
    check.name,
    paintStatus(paint, check.status),
    formatMeasure(check.value, check.unit),
    formatMeasure(check.threshold, check.unit),
    check.detail,
  ]
}

function paintStatus(paint: Colours, status: HealthDocument['status'] | HealthCheck['status']): string {
  switch (status) {
    case 'healthy':
    case 'ok':
      return paint.green(status)
    case 'degraded':
    case 'warn':
      return paint.yellow(status)
    case 'unhealthy':
    case 'unreachable':
    case 'fail':
      return paint.red(status)
    case 'unknown':
      return paint.dim(status)
  }
}

function formatMeasure(value: number | null, unit: HealthCheck['unit']): string {
  if (value === null) return '-'
  switch (unit) {
    case 'ms':
      return `${formatNumber(value, value < 10 ? 1 : 0)} ms`
    case 's':
      return value < 10 ? `${formatNumber(value, 3)} s` : formatDuration(value * 1_000)
    case 'ratio':
      return formatPercent(value * 100, 1)
    case 'bytes':
      return `${formatNumber(value / (1024 * 1024), 0)} MiB`
    case 'points':
    case 'differences':
      return formatNumber(value, 0)
    case 'boolean':
      return value === 1 ? 'yes' : 'no'
  }
}
