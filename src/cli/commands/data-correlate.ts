import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { seriesKey } from '../../domain/series.ts'
import { durationMs, parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import { correlateFrames, type FrameCorrelation } from '../../frame/correlate-frames.ts'
import { viewOf, type FrameView } from '../../frame/frame-view.ts'
import { resampleFrame } from '../../frame/resample-frame.ts'
import { createWorkerPool } from '../../runtime/create-worker-pool.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import { interruptible } from '../interruptible.ts'
import type { Io } from '../io.ts'
import { namedCandles, type NamedCandles } from '../named-candles.ts'
import { checked, parseTime, parseTimerange, timeRange, type TimeRange } from '../options.ts'
import { tellCorrelation } from '../output/correlation-report.ts'
import { printJson } from '../output/json.ts'
import { Progress } from '../output/progress.ts'

interface CorrelateFlags extends ConfigOptions, FileLabelOptions {
  readonly timeframe?: Timeframe
  readonly from?: number
  readonly to?: number
  readonly timerange?: TimeRange
  readonly json?: true
}

/** Multiplications that threads are worth: below, they take longer to start than the work takes. */
const WORK_FOR_THREADS = 50_000_000

export function registerDataCorrelate(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('correlate')
    .argument('<series|file...>', 'two or more of binance:BTC/USDT:1h, or candle files')
    .description('how the returns of markets go together, bar by bar: −1 against each other, 1 as one')
    .option(
      '-t, --timeframe <tf>',
      'timeframe to compare at; lower candles are resampled',
      checked('--timeframe', parseTimeframe),
    )
    .option('--from <time>', 'first candle', checked('--from', parseTime))
    .option('--to <time>', 'candles from here on are left out', checked('--to', parseTime))
    .option('--timerange <range>', '20240101-20240601, open ends allowed', checked('--timerange', parseTimerange))
    .option('--json', 'print { series, timeframe, from, to, rows, correlations, commonRows }')
    .addHelpText(
      'after',
      '\nCompared are the logarithmic returns of closes, each pair over the bars that both have.\n\nExample:\n  $ tallow data correlate binance:BTC/USDT:1h binance:ETH/USDT:1h --timeframe 1d --from 2023-01-01',
    )
  withConfigOptions(withFileLabels(command)).action(async (names: readonly string[], flags: CorrelateFlags) => {
    const done = await interruptible(io, undefined, async signal => {
      const result = await correlation(io, names, flags, signal)
      if (flags.json) printJson(io, document(result))
      else tellCorrelation(io, result)
    })
    if (!done) context.exitCode = 130
  })
}

async function correlation(
  io: Io,
  names: readonly string[],
  flags: CorrelateFlags,
  signal: AbortSignal,
): Promise<FrameCorrelation> {
  if (names.length < 2)
    throw badInput('one series alone goes with no other', { hint: 'name two or more series or files' })
  const loaded = await load(io, names, flags, signal)
  const timeframe = flags.timeframe ?? onlyTimeframe(loaded)
  const frames: Record<string, FrameView<'close'>> = {}
  for (const { series, frame } of loaded) {
    const key = seriesKey({ ...series, timeframe })
    if (Object.hasOwn(frames, key)) throw badInput(`${key} is named twice`, { hint: 'name each market once' })
    frames[key] = viewOf(resampled(series, frame, timeframe), timeframe).select('close')
  }
  const rows = Math.max(...Object.values(frames).map(({ length }) => length))
  if ((rows * loaded.length ** 2) / 2 < WORK_FOR_THREADS) return correlateFrames(frames, 'close', { signal })
  const pool = createWorkerPool({ size: availableParallelism() })
  try {
    return await correlateFrames(frames, 'close', { signal, runner: pool })
  } finally {
    await pool.close()
  }
}

async function load(
  io: Io,
  names: readonly string[],
  flags: CorrelateFlags,
  signal: AbortSignal,
): Promise<readonly NamedCandles[]> {
  const { data_dir: dataDir } = configOf(io, flags).config
  const range = timeRange(flags)
  if (flags.symbol !== undefined)
    throw badInput('--symbol names one symbol, but there are several files', {
      hint: 'name the files like BTC_USDT-1m.csv, or import them one by one (tallow data import)',
    })
  const progress = new Progress(io, 'series', names.length)
  const loaded: NamedCandles[] = []
  try {
    for (const name of names) {
      signal.throwIfAborted()
      loaded.push(await namedCandles(io, dataDir, name, flags, range))
      progress.update(loaded.length)
    }
  } finally {
    progress.end()
  }
  return loaded
}

function resampled(series: NamedCandles['series'], frame: NamedCandles['frame'], timeframe: Timeframe) {
  const bars = resampleFrame(frame, series.timeframe, timeframe)
  if (bars.length > 0) return bars
  throw badInput(`the candles of ${seriesKey(series)} make no complete ${timeframe} bar`, {
    hint: 'take a longer span',
  })
}

function onlyTimeframe(loaded: readonly NamedCandles[]): Timeframe {
  const timeframes = [...new Set(loaded.map(({ series }) => series.timeframe))]
  timeframes.sort((a, b) => durationMs(a) - durationMs(b))
  const [lowest, highest] = [timeframes[0], timeframes.at(-1)]
  if (lowest !== undefined && lowest === highest) return lowest
  throw badInput(`the series have several timeframes: ${timeframes.join(', ')}`, {
    hint: `say at which they are to be compared: --timeframe ${highest ?? '1d'}`,
  })
}

/** NaN, no correlation, is null in JSON. */
function document({ names, timeframe, from, to, rows, matrix }: FrameCorrelation) {
  const table = (at: (i: number, j: number) => number) => names.map((_, i) => names.map((__, j) => at(i, j)))
  return {
    of: 'log returns of close',
    ...{ series: names, timeframe, from, to, rows },
    correlations: table((i, j) => matrix.at(i, j)),
    commonRows: table((i, j) => matrix.rowsAt(i, j)),
  }
}
