import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { registerDataCorrelate } from './data-correlate.ts'
import { registerDataDownload } from './data-download.ts'
import { registerDataExport } from './data-export.ts'
import { registerDataImport } from './data-import.ts'
import { registerDataList } from './data-list.ts'
import { registerDataRepair } from './data-repair.ts'
import { registerDataResample } from './data-resample.ts'
import { registerDataVerify } from './data-verify.ts'

/** `tallow data …`: the candle store. */
export function registerData(program: Command, context: CommandContext): void {
  const group = program
    .command('data')
    .description('the candle store: fetch, bring files in and out, list, look for defects and repair them')
    .addHelpText('after', '\nExample:\n  $ tallow data import BTC_USDT-1m.json.gz --exchange binance')
  registerDataImport(group, context)
  registerDataList(group, context)
  registerDataVerify(group, context)
  registerDataDownload(group, context)
  registerDataRepair(group, context)
  registerDataExport(group, context)
  registerDataResample(group, context)
  registerDataCorrelate(group, context)
}
