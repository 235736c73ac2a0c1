import { resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { ROW_FILLED, type CandleFrame } from '../../frame/candle-frame.ts'
import { candleWriter } from '../../frame/formats/write-candles.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { checked, parseTime, parseTimerange, timeRange, type TimeRange } from '../options.ts'
import { formatCount, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { fromStoredSeries } from '../stored-series.ts'

interface ExportOptions extends ConfigOptions {
  readonly to: string
  readonly from?: number
  readonly until?: number
  readonly timerange?: TimeRange
  readonly json?: true
}

export function registerDataExport(group: Command, { io }: CommandContext): void {
  const command = group
    .command('export')
    .argument('<series>', 'such as binance:BTC/USDT:1h')
    .description('write stored candles to a file that pandas, freqtrade and spreadsheets read')
    .requiredOption('--to <file>', 'where to; its ending says the format: .csv, .feather, .parquet')
    .option('--from <time>', 'first candle (default: the first there is)', checked('--from', parseTime))
    .option('--until <time>', 'end, exclusive (default: behind the last)', checked('--until', parseTime))
    .option('--timerange <range>', '20240101-20240601', checked('--timerange', parseTimerange))
    .option('--json', 'print { series, file, candles, from, to, filled }')
    .addHelpText('after', '\nExample:\n  $ tallow data export binance:BTC/USDT:1h --to BTC_USDT-1h.feather')
  withConfigOptions(command).action(async (key: string, options: ExportOptions) => {
    const { data_dir: dataDir } = configOf(io, options).config
    const path = resolve(io.cwd, options.to)
    const write = candleWriter(path)
    const range = rangeOf(options)
    const frame = fromStoredSeries(dataDir, key, (store, { series, from, to }) =>
      store.read(series, range.from ?? from, range.to ?? to),
    )
    if (frame.length === 0)
      throw badInput(`the store has no candles of ${key} in this time`, { hint: 'tallow data list says what it has' })
    await write(frame)
    const filled = countFilled(frame)
    const summary = {
      series: key,
      file: path,
      candles: frame.length,
      from: frame.timeAt(0),
      to: frame.lastTime,
      filled,
    }
    if (options.json) printJson(io, summary)
    else
      io.stdout(
        `${key} → ${options.to}: ${formatCount(frame.length, 'candle')}, ${formatTime(frame.timeAt(0))} to ${formatTime(frame.lastTime)}${filledNote(filled)}\n`,
      )
  })
}

/** `--to` is the file here, so that the end of the time is called otherwise than elsewhere. */
function rangeOf({ from, until, timerange }: ExportOptions): TimeRange {
  return timeRange({
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { to: until }),
    ...(timerange === undefined ? {} : { timerange }),
  })
}

function countFilled(frame: CandleFrame): number {
  let count = 0
  for (let row = 0; row < frame.length; row++) if ((frame.flags[row] ?? 0) & ROW_FILLED) count++
  return count
}

function filledNote(filled: number): string {
  return filled === 0 ? '' : `\n  ${formatCount(filled, 'candle')} among them filled in: the file does not show which`
}
