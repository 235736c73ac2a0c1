import type { Command } from 'commander'
import { barsBefore } from '../../domain/timeframe.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { formatNumber, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'
import { withStore } from '../store-path.ts'

interface ListOptions extends ConfigOptions {
  readonly json?: true
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'series' },
  { title: 'candles', align: 'right' },
  { title: 'first (UTC)' },
  { title: 'last (UTC)' },
  { title: 'missing', align: 'right' },
  { title: 'filled', align: 'right' },
  { title: 'revised', align: 'right' },
]

export function registerDataList(group: Command, { io }: CommandContext): void {
  const command = group
    .command('list')
    .description('what is stored')
    .option(
      '--json',
      'print an array of { series, candles, from, to (open times of the first and last candle), missing, filled, revised, revisions }',
    )
    .addHelpText('after', '\nExample:\n  $ tallow data list')
  withConfigOptions(command).action((options: ListOptions) => {
    const dataDir = configOf(io, options).config.data_dir
    const stored = withStore(dataDir, [], store => store.list())
    const rows = stored.map(({ key, series, candles, from, to, missing, filled, revised, revisions }) => ({
      series: key,
      candles,
      from,
      to: barsBefore(series.timeframe, to, 1),
      ...{ missing, filled, revised, revisions },
    }))
    if (options.json) printJson(io, rows)
    else if (rows.length === 0)
      io.stdout(`no candles in ${dataDir} yet: tallow data download SERIES or tallow data import FILE brings some in\n`)
    else
      io.stdout(
        table(
          COLUMNS,
          rows.map(row => [
            ...[row.series, formatNumber(row.candles, 0), formatTime(row.from), formatTime(row.to)],
            ...[row.missing, row.filled, row.revised].map(count => (count === 0 ? '' : formatNumber(count, 0))),
          ]),
        ),
      )
  })
}
