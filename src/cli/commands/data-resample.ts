import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { seriesKey } from '../../domain/series.ts'
import { barOpen, nextBarOpen, parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import { ROW_PARTIAL, type CandleFrame } from '../../frame/candle-frame.ts'
import { candleWriter } from '../../frame/formats/write-candles.ts'
import { resampleFrame } from '../../frame/resample-frame.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { namedCandles } from '../named-candles.ts'
import { checked, parseTime, parseTimerange, timeRange, type TimeRange } from '../options.ts'
import { formatCount, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'

interface ResampleFlags extends ConfigOptions, FileLabelOptions {
  readonly timeframe: Timeframe
  readonly to: string
  readonly from?: number
  readonly until?: number
  readonly timerange?: TimeRange
  readonly keepUnfinished?: true
  readonly json?: true
}

export function registerDataResample(group: Command, { io }: CommandContext): void {
  const command = group
    .command('resample')
    .argument('<series|file>', 'binance:BTC/USDT:1h, or a candle file')
    .description(
      'build candles of a higher timeframe, as the exchange itself would have them, and write them to a file',
    )
    .requiredOption('-t, --timeframe <tf>', 'timeframe that is wanted', checked('--timeframe', parseTimeframe))
    .requiredOption('--to <file>', 'where to; its ending says the format: .csv, .feather, .parquet')
    .option('--from <time>', 'first candle that is used (default: the first there is)', checked('--from', parseTime))
    .option('--until <time>', 'end, exclusive (default: behind the last)', checked('--until', parseTime))
    .option('--timerange <range>', '20240101-20240601', checked('--timerange', parseTimerange))
    .option('--keep-unfinished', 'write the last bar also when it is not complete')
    .option('--json', 'print { series, file, timeframe, candles, from, to, partial, leftOut }')
    .addHelpText(
      'after',
      '\nExample:\n  $ tallow data resample BTC_USDT-1m.json.gz --timeframe 1h --to BTC_USDT-1h.csv',
    )
  withConfigOptions(withFileLabels(command)).action(async (name: string, flags: ResampleFlags) => {
    await resample(io, name, flags)
  })
}

async function resample(io: Io, name: string, flags: ResampleFlags): Promise<void> {
  const { data_dir: dataDir } = configOf(io, flags).config
  const path = resolve(io.cwd, flags.to)
  const write = candleWriter(path)
  if (existsSync(path) && realpathSync(path) === realpathOf(io, name))
    throw badInput('the candles would be written over those they are built from', {
      where: '--to',
      hint: 'write them to another file',
    })
  const { series, frame } = await namedCandles(io, dataDir, name, flags, rangeOf(flags))
  if (series.timeframe === flags.timeframe)
    throw badInput(`the candles of ${name} are ${flags.timeframe} candles already`, {
      where: '--timeframe',
      hint: 'name a higher timeframe; tallow data export writes them as they are',
    })
  const bars = resampleFrame(frame, series.timeframe, flags.timeframe, { keepUnfinished: flags.keepUnfinished })
  const unfinished = unfinishedFrom(frame, series.timeframe, flags.timeframe)
  const leftOut = flags.keepUnfinished ? null : unfinished
  if (bars.length === 0)
    throw badInput(`the candles of ${name} make no complete ${flags.timeframe} bar`, {
      hint: 'take a longer span, or write the incomplete one with --keep-unfinished',
    })
  await write(bars)
  const key = seriesKey({ ...series, timeframe: flags.timeframe })
  const partial = countPartial(bars)
  if (flags.json) {
    const { timeframe } = flags
    const [from, to] = [bars.timeAt(0), bars.lastTime]
    printJson(io, { series: key, file: path, timeframe, candles: bars.length, from, to, partial, leftOut })
  } else io.stdout(report(key, flags.to, bars, partial, leftOut))
}

function realpathOf(io: Io, name: string): string | undefined {
  const path = resolve(io.cwd, name)
  return existsSync(path) ? realpathSync(path) : undefined
}

/** `--to` is the file here, so that the end of the time is called otherwise than elsewhere. */
function rangeOf({ from, until, timerange }: ResampleFlags): TimeRange {
  return timeRange({
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { to: until }),
    ...(timerange === undefined ? {} : { timerange }),
  })
}

/** Open time of the last bar when the candles end before it does; null when they end with it. */
function unfinishedFrom(frame: CandleFrame, lower: Timeframe, higher: Timeframe): number | null {
  const open = barOpen(higher, frame.lastTime)
  return nextBarOpen(lower, frame.lastTime) < nextBarOpen(higher, open) ? open : null
}

function countPartial(bars: CandleFrame): number {
  return bars.flags.subarray(0, bars.length).reduce((count, marks) => count + (marks & ROW_PARTIAL ? 1 : 0), 0)
}

function report(key: string, file: string, bars: CandleFrame, partial: number, leftOut: number | null): string {
  const span = `${formatTime(bars.timeAt(0))} to ${formatTime(bars.lastTime)}`
  const lines = [`${key} → ${file}: ${formatCount(bars.length, 'candle')}, ${span}`]
  if (partial > 0)
    lines.push(
      `  ${formatCount(partial, 'candle')} among them with candles missing inside: the file does not show which`,
    )
  if (leftOut !== null)
    lines.push(`  the bar of ${formatTime(leftOut)} is not complete and left out (--keep-unfinished writes it)`)
  return `${lines.join('\n')}\n`
}
