import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { seriesKey } from '../../domain/series.ts'
import { parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import { resampleFrame } from '../../frame/resample-frame.ts'
import {
  computeIndicator,
  describeIndicators,
  type IndicatorDescription,
  type IndicatorDocument,
} from '../../indicators/compute.ts'
import { indicatorByName } from '../../indicators/registry.ts'
import { candlesOfFiles, candlesOfStore } from '../candles.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { checked, collected, intBetween, parseKeyValues, parseSymbols, type SymbolChoice } from '../options.ts'
import { formatCount, formatPrice, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'

interface ComputeOptions extends ConfigOptions, FileLabelOptions {
  readonly data?: string
  readonly symbols?: readonly SymbolChoice[]
  readonly timeframe?: Timeframe
  readonly param?: readonly string[]
  readonly last: number
  readonly json?: true
}

/** `tallow indicators list` and `compute`. */
export function registerIndicators(program: Command, context: CommandContext): void {
  const { io } = context
  const group = program
    .command('indicators')
    .description('what can be computed, and its values over a file or the store')
    .addHelpText('after', '\nExample:\n  $ tallow indicators compute rsi --param period=14 --data BTC_USDT-1h.csv')
  group
    .command('list')
    .description('every indicator with its parameters and outputs')
    .option('--json', 'print an array of indicators')
    .addHelpText('after', '\nExample:\n  $ tallow indicators list --json')
    .action((options: { readonly json?: true }) => {
      const indicators = describeIndicators()
      if (options.json) printJson(io, indicators)
      else io.stdout(table(LIST_COLUMNS, indicators.map(listCells)))
    })
  const compute = group
    .command('compute')
    .argument('<name>', 'of an indicator: rsi')
    .description('values of one indicator over a candle file or the store')
    .option('--data <file>', 'candle file; without it, the store')
    .option('-p, --symbols <symbol>', 'symbol of the store', checked('--symbols', parseSymbols))
    .option(
      '-t, --timeframe <tf>',
      'compute on this timeframe, built from lower candles',
      checked('--timeframe', parseTimeframe),
    )
    .option(
      '--param <name=value>',
      'parameter; may be repeated',
      collected('--param', text => text),
    )
    .option('--last <rows>', 'rows of the table; --json prints all', checked('--last', intBetween(1)), 10)
    .option('--json', 'print all rows as one document')
    .addHelpText(
      'after',
      '\nExample:\n  $ tallow indicators compute macd --param fast=8 --data BTC_USDT-1h.csv --last 20',
    )
  withConfigOptions(withFileLabels(compute)).action(async (name: string, options: ComputeOptions) => {
    const document = await computed(io, name, options)
    if (options.json) printJson(io, document)
    else io.stdout(lastRows(document, options.last))
  })
}

async function computed(io: Io, name: string, options: ComputeOptions): Promise<IndicatorDocument> {
  // Before a large file is read.
  indicatorByName(name)
  const params = parseKeyValues(options.param ?? [])
  const [source, ...others] =
    options.data === undefined
      ? candlesOfStore(configOf(io, options).config.data_dir, options.symbols, options.timeframe)
      : await candlesOfFiles(io, [options.data], options)
  if (source === undefined || others.length > 0)
    throw badInput('an indicator is computed over one symbol', { where: '--symbols', hint: 'name one' })
  const { series, frame } = source
  const wanted = options.timeframe ?? series.timeframe
  const rows = resampleFrame(frame, series.timeframe, wanted)
  if (rows.length === 0)
    throw badInput(`${seriesKey(series)} has no whole ${wanted} candle`, { hint: 'use a lower timeframe' })
  return computeIndicator(name, params, rows)
}

const LIST_COLUMNS: readonly TableColumn[] = [
  { title: 'name' },
  { title: 'parameters' },
  { title: 'outputs' },
  { title: 'reads' },
  { title: 'source' },
]

function listCells(indicator: IndicatorDescription): readonly string[] {
  const params = Object.entries(indicator.params).map(([name, param]) => `${name}=${param.default}`)
  const source = indicator.bridged ? `${indicator.source} (bridged)` : indicator.source
  return [indicator.name, params.join(' '), indicator.outputs.join(', '), indicator.inputs.join(', '), source]
}

function lastRows(document: IndicatorDocument, last: number): string {
  const { openTime, columns } = document
  const names = Object.keys(columns)
  const first = Math.max(0, openTime.length - last)
  const rows = openTime.slice(first).map((time, index) => {
    const values = names.map(name => formatPrice(columns[name]?.[first + index]))
    return [formatTime(time), ...values]
  })
  const titles = names.map(title => ({ title, align: 'right' }) as const)
  const params = Object.values(document.params).join(', ')
  const head = `${document.indicator}(${params}), ${formatCount(openTime.length, 'candle')}, first value at row ${document.warmup}\n\n`
  return head + table([{ title: 'candle (UTC)' }, ...titles], rows)
}
