import type { Command } from 'commander'
import { compareColumns, compareWithLibrary, type Comparison, type OutputComparison } from '../../indicators/compare.ts'
import { parseColumn } from '../../indicators/parse-column.ts'
import type { Io } from '../io.ts'
import { formatCount, formatPrice, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'
import { candlesOf, withCandleOptions, type CandleOptions } from './indicators-candles.ts'

interface CompareOptions extends CandleOptions {
  readonly json?: true
}

/** `tallow indicators compare`. */
export function registerIndicatorsCompare(group: Command, io: Io): void {
  const command = group
    .command('compare')
    .argument('<column>', 'with its parameters: "rsi(14)", "ema(20,seed=first)"')
    .argument('[other]', 'another column; without it, what technicalindicators makes of the first')
    .description('how far two columns over the same candles are apart, and where')
    .option('--json', 'print one document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tallow indicators compare rsi --data BTC_USDT-1h.csv\n  $ tallow indicators compare "ema(20)" "ema(20,seed=first)" --data BTC_USDT-1h.csv',
    )
  withCandleOptions(command).action(async (first: string, other: string | undefined, options: CompareOptions) => {
    // Before a large file is read.
    const columns = [first, ...(other === undefined ? [] : [other])].map(parseColumn)
    const frame = await candlesOf(io, options)
    const [mine, theirs] = columns
    if (mine === undefined) return
    const comparison = theirs === undefined ? compareWithLibrary(mine, frame) : compareColumns(mine, theirs, frame)
    if (options.json) printJson(io, comparison)
    else io.stdout(report(comparison))
  })
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'output' },
  { title: 'compared', align: 'right' },
  { title: 'only the first', align: 'right' },
  { title: 'only the other', align: 'right' },
  { title: 'largest difference', align: 'right' },
  { title: 'at (UTC)' },
  { title: 'the first', align: 'right' },
  { title: 'the other', align: 'right' },
  { title: 'agree to 1e-9 from' },
]

function report({ first, other, rows, outputs }: Comparison): string {
  return `${first} and ${other}, ${formatCount(rows, 'candle')}\n\n${table(COLUMNS, outputs.map(cells))}`
}

function cells(comparison: OutputComparison): readonly string[] {
  const { output, otherOutput, compared, onlyFirst, onlyOther, largest, agreeFrom } = comparison
  return [
    output === otherOutput ? output : `${output} / ${otherOutput}`,
    String(compared),
    String(onlyFirst),
    String(onlyOther),
    largest === null ? (compared > 0 ? '0' : '-') : largest.difference.toPrecision(3),
    largest === null ? '-' : formatTime(largest.openTime),
    largest === null ? '-' : formatPrice(largest.value),
    largest === null ? '-' : formatPrice(largest.other),
    agreeFrom === null ? 'never' : formatTime(agreeFrom),
  ]
}
