import type { Command } from 'commander'
import { seriesKey } from '../../domain/series.ts'
import { barsBetween } from '../../domain/timeframe.ts'
import { repairSeries, type Repaired } from '../../market/store-repair.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withDataExchange, type DataExchange } from '../data-exchange.ts'
import { interruptible } from '../interruptible.ts'
import type { Io } from '../io.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatNumber, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { Progress } from '../output/progress.ts'
import { fromStore, seriesOfOneExchange, storedSeries } from '../stored-series.ts'

const GAPS_SHOWN_MAX = 20

interface RepairFlags extends ConfigOptions {
  /** False after `--no-fill`. */
  readonly fill: boolean
  readonly json?: true
}

export function registerDataRepair(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('repair')
    .argument('<series...>', 'such as binance:BTC/USDT:1h')
    .description(
      'fetch gaps and damaged chunks again; what the exchange itself has not is filled, marked, and told why',
    )
    .option('--no-fill', 'leave bars empty in which the exchange has no trades')
    .option('--json', 'print { series: [ … ] }')
    .addHelpText('after', '\nExample:\n  $ tallow data repair binance:BTC/USDT:1m')
  withConfigOptions(command).action(async (keys: readonly string[], flags: RepairFlags) => {
    const wanted = seriesOfOneExchange(keys)
    const { data_dir: dataDir } = configOf(io, flags).config
    fromStore(dataDir, store => {
      for (const key of keys) storedSeries(store, key, dataDir)
    })
    const done = await interruptible(io, undefined, signal =>
      withDataExchange(io, flags, wanted[0]?.exchange, signal, async parts => {
        const results: Repaired[] = []
        for (const series of wanted) results.push(await repairOne(io, series, flags, parts, signal))
        if (flags.json) printJson(io, { series: results.map(document) })
        else io.stdout(results.map(result => report(io, result)).join('\n'))
        context.exitCode = results.some(isIncomplete) ? 1 : 0
      }),
    )
    if (done) return
    io.stderr('broken off: what was repaired is stored, and the same command goes on from there\n')
    context.exitCode = 130
  })
}

async function repairOne(
  io: Io,
  series: Repaired['series'],
  flags: RepairFlags,
  { store, fetcher, clock, symbols, loader }: DataExchange,
  signal: AbortSignal,
): Promise<Repaired> {
  const { missing } = store.list().find(({ key }) => key === seriesKey(series)) ?? { missing: 0 }
  const progress = new Progress(io, `candles of ${seriesKey(series)}`, missing)
  let done = 0
  const counting = loader(bars => {
    done += bars
    progress.update(done)
  })
  try {
    return await repairSeries(series, { store, fetcher, clock, symbols, loader: counting, fills: flags.fill }, signal)
  } finally {
    progress.end()
  }
}

function isIncomplete({ damaged, loaded }: Repaired): boolean {
  return damaged.length > 0 || loaded.failed.length > 0
}

function document({ series, restored, damaged, loaded, explained, filled }: Repaired) {
  const chunk = ({ from, to, candles }: Repaired['damaged'][number]) => ({ from, to, candles })
  const bars = (from: number, to: number): number => barsBetween(series.timeframe, from, to)
  return {
    series: seriesKey(series),
    restored: restored.map(chunk),
    damaged: damaged.map(chunk),
    inserted: loaded.inserted,
    revised: loaded.revised,
    refused: loaded.refused,
    filled,
    empty: explained.map(({ from, to, cause }) => ({ from, to, missing: bars(from, to), cause })),
    failed: loaded.failed.map(({ from, to, error }) => ({ from, to, missing: bars(from, to), reason: error.message })),
  }
}

function report(io: Io, { series, restored, damaged, loaded, explained, filled }: Repaired): string {
  const { yellow } = colours(io, 'stdout')
  const lines = [`${seriesKey(series)}: ${formatNumber(loaded.inserted, 0)} fetched, ${formatNumber(filled, 0)} filled`]
  for (const { from, candles } of restored)
    lines.push(`  damaged: ${formatCount(candles, 'candle')} from ${formatTime(from)}, fetched again`)
  for (const { from, candles } of damaged)
    lines.push(
      yellow(
        `  damaged: ${formatCount(candles, 'candle')} from ${formatTime(from)}: the exchange did not give them all`,
      ),
    )
  for (const { from, to, cause } of explained.slice(0, GAPS_SHOWN_MAX))
    lines.push(
      `  the exchange has no candles from ${formatTime(from)}, ${formatNumber(barsBetween(series.timeframe, from, to), 0)} of them: ${cause}`,
    )
  if (explained.length > GAPS_SHOWN_MAX)
    lines.push(`  and ${formatCount(explained.length - GAPS_SHOWN_MAX, 'more gap')}`)
  for (const { from, error } of loaded.failed)
    lines.push(yellow(`  not fetched from ${formatTime(from)}: ${error.message}`))
  return `${lines.join('\n')}\n`
}
