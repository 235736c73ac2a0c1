import type { BacktestDocument } from '../../backtest/document.ts'
import type { Io } from '../io.ts'
import { colours } from './colour.ts'
import { formatCount, formatDuration, formatNumber, formatPercent, formatPrice, formatTime } from './format.ts'
import { table } from './table.ts'

const TRADES_SHOWN = 10

/** What a person reads after a backtest. */
export function backtestReport(io: Io, document: BacktestDocument): string {
  const { bold, dim, yellow } = colours(io, 'stdout')
  const { manifest, period, speed } = document
  const names = manifest.strategies.map(({ name, params }) => `${name} ${dim(JSON.stringify(params))}`)
  const lines = [
    `${bold(names.join(', '))}`,
    `${period.symbols.join(', ')} on ${period.timeframe}, ${formatTime(period.from)} to ${formatTime(period.to)} UTC`,
    dim(
      `${formatNumber(period.candles, 0)} candles, ${period.warmup} to warm up, ${formatCount(period.gaps, 'gap')}; ` +
        `${formatNumber(speed.durationMs, 1)} ms after ${formatNumber(speed.loadMs, 0)} ms of loading`,
    ),
    '',
    metricsTable(document),
    tradesTable(document, dim),
    ...document.refusals.map(({ reason, count }) => `refused: ${reason} ${formatNumber(count, 0)} ×`),
    ...document.warnings.map(warning => yellow(`note: ${warning}`)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function metricsTable({ metrics: m }: BacktestDocument): string {
  const rows: readonly (readonly [string, string, string, string])[] = [
    [
      'equity',
      `${formatNumber(m.initialEquity)} → ${formatNumber(m.finalEquity)}`,
      'trades',
      formatNumber(m.trades, 0),
    ],
    ['return', formatPercent(m.totalReturnPercent), 'win rate', formatPercent(m.winRatePercent)],
    ['buy and hold', formatPercent(m.buyAndHoldReturnPercent), 'profit factor', formatNumber(m.profitFactor)],
    ['a year (CAGR)', formatPercent(m.cagrPercent), 'expectancy', formatNumber(m.expectancy)],
    ['max drawdown', formatPercent(m.maxDrawdownPercent), 'best trade', formatPercent(m.bestTradePercent)],
    ['longest drawdown', formatDuration(m.maxDrawdownDurationMs), 'worst trade', formatPercent(m.worstTradePercent)],
    ['volatility', formatPercent(m.volatilityPercent), 'average trade', formatPercent(m.averageTradePercent, 3)],
    ['Sharpe', formatNumber(m.sharpe), 'average duration', formatDuration(m.averageTradeDurationMs)],
    ['Sortino', formatNumber(m.sortino), 'exposure', formatPercent(m.exposurePercent)],
    ['Calmar', formatNumber(m.calmar), 'fees paid', formatNumber(m.feesPaid)],
  ]
  return table(
    [{ title: '' }, { title: '', align: 'right' }, { title: '   ' }, { title: '', align: 'right' }],
    rows,
  ).trimStart()
}

function tradesTable({ trades }: BacktestDocument, dim: (text: string) => string): string {
  if (trades.length === 0) return 'no trades\n'
  const shown = trades.slice(-TRADES_SHOWN)
  const rows = shown.map(trade => [
    trade.symbol,
    formatTime(trade.entryTime),
    formatPrice(trade.entryPrice),
    formatTime(trade.exitTime),
    formatPrice(trade.exitPrice),
    formatNumber(trade.profit),
    formatPercent(trade.profitPercent),
    trade.exitReason,
  ])
  const head = [
    { title: 'symbol' },
    { title: 'in' },
    { title: 'price', align: 'right' },
    { title: 'out' },
    { title: 'price', align: 'right' },
    { title: 'profit', align: 'right' },
    { title: '', align: 'right' },
    { title: 'reason' },
  ] as const
  const rest = trades.length - shown.length
  return (
    table(head, rows) +
    (rest > 0 ? dim(`and ${formatNumber(rest, 0)} trades before; --json or --export has all\n`) : '')
  )
}
