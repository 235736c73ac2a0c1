import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { seriesKey } from '../../domain/series.ts'
import { parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'
import { resampleFrame } from '../../frame/resample-frame.ts'
import { candlesOfFiles, candlesOfStore } from '../candles.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { checked, parseSymbols, type SymbolChoice } from '../options.ts'

/** What a command needs to know whose candles it is to compute over. */
export interface CandleOptions extends ConfigOptions, FileLabelOptions {
  readonly data?: string
  readonly symbols?: readonly SymbolChoice[]
  readonly timeframe?: Timeframe
}

export function withCandleOptions(command: Command): Command {
  return withConfigOptions(
    withFileLabels(
      command
        .option('--data <file>', 'candle file; without it, the store')
        .option('-p, --symbols <symbol>', 'symbol of the store', checked('--symbols', parseSymbols))
        .option(
          '-t, --timeframe <tf>',
          'compute on this timeframe, built from lower candles',
          checked('--timeframe', parseTimeframe),
        ),
    ),
  )
}

/** The candles of one symbol, at the timeframe asked for. @throws bad input. */
export async function candlesOf(io: Io, options: CandleOptions): Promise<CandleFrame> {
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
  return rows
}
