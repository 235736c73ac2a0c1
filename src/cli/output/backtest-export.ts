import { extname } from 'node:path'
import type { BacktestDocument, TradeRow } from '../../backtest/document.ts'

const COLUMNS = [
  'id',
  'strategy',
  'exchange',
  'symbol',
  'side',
  'entryTime',
  'entryPrice',
  'exitTime',
  'exitPrice',
  'amount',
  'fees',
  'profit',
  'profitPercent',
  'entryReason',
  'exitReason',
] as const satisfies readonly (keyof TradeRow)[]

/** The whole document for `.json`, the trades for `.csv`. */
export function exportBacktest(file: string, document: BacktestDocument): string {
  if (extname(file) === '.json') return `${JSON.stringify(document)}\n`
  const lines = document.trades.map(trade => COLUMNS.map(column => csvField(trade[column])).join(','))
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`
}

function csvField(value: string | number): string {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
