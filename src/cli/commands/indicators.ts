import type { Command } from 'commander'
import {
  computeIndicator,
  describeIndicators,
  type IndicatorDescription,
  type IndicatorDocument,
} from '../../indicators/compute.ts'
import { checkedParams } from '../../indicators/define.ts'
import { indicatorByName } from '../../indicators/registry.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { checked, collected, intBetween, parseKeyValues } from '../options.ts'
import { formatCount, formatPrice, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'
import { candlesOf, withCandleOptions, type CandleOptions } from './indicators-candles.ts'
import { registerIndicatorsCompare } from './indicators-compare.ts'
import { registerIndicatorsVerify } from './indicators-verify.ts'

interface ComputeOptions extends CandleOptions {
  readonly param?: readonly string[]
  readonly last: number
  readonly json?: true
}

/** `tallow indicators list`, `compute`, `compare` and `verify`. */
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
  withCandleOptions(compute).action(async (name: string, options: ComputeOptions) => {
    const document = await computed(io, name, options)
    if (options.json) printJson(io, document)
    else io.stdout(lastRows(document, options.last))
  })
  registerIndicatorsCompare(group, io)
  registerIndicatorsVerify(group, context)
}

async function computed(io: Io, name: string, options: ComputeOptions): Promise<IndicatorDocument> {
  // Before a large file is read.
  const params = checkedParams(indicatorByName(name), parseKeyValues(options.param ?? []))
  return computeIndicator(name, params, await candlesOf(io, options))
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
