import type { Command } from 'commander'
import { checkExchange, checkSymbol } from '../domain/series.ts'
import { parseTimeframe } from '../domain/timeframe.ts'
import type { FileLabels } from './candles.ts'
import { checked } from './options.ts'

/** What they are called by commander. */
export type FileLabelOptions = FileLabels

/** Adds the flags that label candle files whose names do not say what they hold. */
export function withFileLabels(command: Command): Command {
  return command
    .option('--exchange <name>', 'exchange of the files (default: file)', checked('--exchange', checkExchange))
    .option('--symbol <symbol>', 'symbol of the file', checked('--symbol', checkSymbol))
    .option('--data-timeframe <tf>', 'timeframe of the files', checked('--data-timeframe', parseTimeframe))
    .option('--columns <names>', 'order of the columns: time,open,close,high,low,volume', text =>
      text.split(',').map(name => name.trim()),
    )
}
