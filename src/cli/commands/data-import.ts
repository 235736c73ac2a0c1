import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { checkExchange, checkSymbol, seriesKey } from '../../domain/series.ts'
import { parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import type { TaskRunner } from '../../domain/worker-task.ts'
import { loadCandleFile, type LoadedCandles } from '../../frame/formats/load-candle-file.ts'
import type { LoadReport } from '../../frame/formats/load-report.ts'
import { findGaps } from '../../frame/gaps.ts'
import { CandleStore, type WriteCounts } from '../../market/candle-store.ts'
import { createWorkerPool } from '../../runtime/create-worker-pool.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { checked } from '../options.ts'
import { formatCount, formatNumber } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { storePath } from '../store-path.ts'

const ROWS_SHOWN_MAX = 10
/** Parts of large files are read side by side; more would wait for the disk. */
const WORKERS_MAX = 4

interface ImportOptions extends ConfigOptions {
  readonly exchange?: string
  readonly symbol?: string
  readonly timeframe?: Timeframe
  readonly format?: string
  readonly columns?: readonly string[]
  readonly strict?: true
  readonly json?: true
}

interface Imported extends LoadedCandles {
  readonly file: string
}

export function registerDataImport(group: Command, { io }: CommandContext): void {
  const command = group
    .command('import')
    .argument('<files...>', 'candle files: CSV, JSON, Feather, Parquet; plain, .gz or .zip')
    .description('read candle files into the store, and tell row by row what was not taken as it stands')
    .option('--exchange <name>', 'exchange of the candles (default: file)', checked('--exchange', checkExchange))
    .option(
      '--symbol <symbol>',
      'symbol of the candles (default: from the file name)',
      checked('--symbol', checkSymbol),
    )
    .option(
      '--timeframe <tf>',
      'timeframe of the candles (default: from the file name)',
      checked('--timeframe', parseTimeframe),
    )
    .option('--format <name>', 'ccxt, freqtrade, objects, binance, csv, feather or parquet (default: by content)')
    .option('--columns <names>', 'order of the columns: time,open,close,high,low,volume', text =>
      text.split(',').map(name => name.trim()),
    )
    .option('--strict', 'take nothing when any row is no candle')
    .option('--json', 'print { files: [ … ] }')
    .addHelpText('after', '\nExample:\n  $ tallow data import BTCUSDT-1m-2024-*.zip --exchange binance')
  withConfigOptions(command).action(async (files: readonly string[], options: ImportOptions) => {
    const { data_dir: dataDir } = configOf(io, options).config
    // All files are read before the store is touched: a bad one leaves nothing half done.
    const loaded: Imported[] = []
    const pool = createWorkerPool({ size: Math.min(availableParallelism(), WORKERS_MAX) })
    try {
      for (const file of files) loaded.push({ file, ...(await load(io, file, options, pool)) })
    } finally {
      await pool.close()
    }
    const counts = write(storePath(dataDir), loaded)
    if (options.json) printJson(io, { files: loaded.map((one, index) => document(one, counts[index])) })
    else loaded.forEach((one, index) => io.stdout(report(one, counts[index])))
  })
}

function load(io: Io, file: string, options: ImportOptions, runner: TaskRunner): Promise<LoadedCandles> {
  const { exchange, symbol, timeframe, format, columns, strict } = options
  const onBadRow = strict ? 'refuse' : 'skip'
  return loadCandleFile(resolve(io.cwd, file), { exchange, symbol, timeframe, format, columns, onBadRow, runner })
}

function write(path: string, loaded: readonly Imported[]): readonly WriteCounts[] {
  const store = CandleStore.open(path)
  try {
    return store.writeAll(loaded)
  } finally {
    store.close()
  }
}

function document({ file, series, frame, report: read }: Imported, counts: WriteCounts | undefined) {
  const { format, unit, rows, taken, newestFirst, twelveHours, outOfOrder, duplicates, revised, misaligned, invalid } =
    read
  const { refusedCount, refused, repairedCount, repaired } = read
  return {
    file,
    series: seriesKey(series),
    ...{ format, unit, rows, taken, newestFirst, twelveHours, outOfOrder, duplicates, revised, misaligned, invalid },
    ...{ refusedCount, refused, repairedCount, repaired },
    gaps: findGaps(series.timeframe, frame),
    stored: { inserted: counts?.inserted, unchanged: counts?.unchanged, revised: counts?.revised },
  }
}

function report({ file, series, frame, report: read }: Imported, counts: WriteCounts | undefined): string {
  const lines = [`${file} → ${seriesKey(series)} (${read.format})`]
  const count = (value: number | undefined): string => formatNumber(value ?? 0, 0)
  lines.push(
    `  ${formatCount(read.rows, 'row')}: ${count(read.taken)} taken, ${count(read.repairedCount)} repaired, ${count(read.refusedCount)} refused`,
  )
  lines.push(
    `  stored: ${count(counts?.inserted)} new, ${count(counts?.unchanged)} were there, ${count(counts?.revised)} differ from what was there (the first stays)`,
  )
  const notes: [number, string][] = [
    [read.duplicates, 'twice in the file, dropped'],
    [read.revised, 'twice in the file with other values (the first is kept)'],
    [read.outOfOrder, 'out of order, sorted in'],
  ]
  for (const [number, text] of notes) if (number > 0) lines.push(`  ${count(number)} ${text}`)
  if (read.newestFirst) lines.push('  the file is newest first')
  if (read.twelveHours > 0) lines.push(`  ${count(read.twelveHours)} times on a 12-hour clock`)
  lines.push(...rowNotes('refused', read.unit, read.refusedCount, read.refused))
  lines.push(...rowNotes('repaired', read.unit, read.repairedCount, read.repaired))
  const gaps = findGaps(series.timeframe, frame)
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0)
  if (missing > 0)
    lines.push(
      `  ${formatCount(gaps.length, 'gap')}, ${formatCount(missing, 'candle')} missing (tallow data verify lists them)`,
    )
  return `${lines.join('\n')}\n`
}

function rowNotes(what: string, unit: string, total: number, notes: LoadReport['refused']): string[] {
  const shown = notes.slice(0, ROWS_SHOWN_MAX).map(({ row, reason }) => `  ${what}: ${unit} ${row}: ${reason}`)
  if (total > shown.length) shown.push(`  ${what}: and ${formatNumber(total - shown.length, 0)} more`)
  return shown
}
