import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { seriesKey, type SeriesId } from '../../domain/series.ts'
import { barOpen, barsBetween, parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import { barsIn } from '../../market/bar-ranges.ts'
import { download, planDownload, type Downloaded, type Planned } from '../../market/store-download.ts'
import type { FetcherMetrics } from '../../market/fetcher.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { withDataExchange, type DataExchange } from '../data-exchange.ts'
import { interruptible } from '../interruptible.ts'
import type { Io } from '../io.ts'
import {
  checked,
  parseSymbols,
  parseTime,
  parseTimerange,
  timeRange,
  type SymbolChoice,
  type TimeRange,
} from '../options.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatNumber, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { Progress } from '../output/progress.ts'
import { seriesOfOneExchange } from '../stored-series.ts'

const DAY_MS = 86_400_000
/** Without a beginning: what strategies are first tried on. */
const DEFAULT_DAYS = 30
const NOTES_SHOWN_MAX = 10

interface DownloadFlags extends ConfigOptions {
  readonly symbols?: readonly SymbolChoice[]
  readonly timeframes?: readonly Timeframe[]
  readonly from?: number
  readonly to?: number
  readonly timerange?: TimeRange
  readonly json?: true
}

export function registerDataDownload(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('download')
    .argument('[series...]', 'such as binance:BTC/USDT:1h')
    .description('fetch candles of the past into the store: only what is missing; broken off, it goes on where it was')
    .option('-p, --symbols <list>', 'symbols instead of series: BTC/USDT,ETH/USDT', checked('--symbols', parseSymbols))
    .option('-t, --timeframes <list>', 'their timeframes: 1m,1h', checked('--timeframes', parseTimeframes))
    .option(
      '--from <time>',
      `first candle (default: behind the last one that is stored, else ${DEFAULT_DAYS} days ago)`,
      checked('--from', parseTime),
    )
    .option('--to <time>', 'end, exclusive (default: now)', checked('--to', parseTime))
    .option('--timerange <range>', '20240101-20240601, open ends allowed', checked('--timerange', parseTimerange))
    .option('--json', 'print { series: [ … ], requests }')
    .addHelpText('after', '\nExample:\n  $ tallow data download -p BTC/USDT,ETH/USDT -t 1m,1h --from 2023-01-01')
  withConfigOptions(command).action(async (keys: readonly string[], flags: DownloadFlags) => {
    const wanted = wantedSeries(io, keys, flags)
    const done = await interruptible(io, undefined, signal =>
      withDataExchange(io, flags, wanted[0]?.exchange, signal, async parts => {
        refuseUnknown(wanted, parts)
        context.exitCode = await run(io, wanted, flags, parts, signal)
      }),
    )
    if (done) return
    io.stderr('broken off: what came is stored, and the same command goes on from there\n')
    context.exitCode = 130
  })
}

async function run(
  io: Io,
  wanted: readonly SeriesId[],
  flags: DownloadFlags,
  parts: DataExchange,
  signal: AbortSignal,
): Promise<number> {
  const { store, fetcher, clock, symbols } = parts
  const planned = wanted.map(series => planDownload(store, spanOf(series, flags, parts)))
  const total = planned.reduce((sum, { series, ranges }) => sum + barsIn(series.timeframe, ranges), 0)
  const progress = new Progress(io, 'candles', total)
  let done = 0
  const loader = parts.loader(bars => {
    done += bars
    progress.update(done)
  })
  try {
    const results = await download(planned, { store, loader, fetcher, clock, symbols }, signal)
    progress.end()
    if (flags.json) printJson(io, { series: results.map(document), requests: fetcher.metrics().requests })
    else io.stdout(report(io, results, fetcher.metrics()))
    return results.some(({ loaded }) => loaded.failed.length > 0) ? 1 : 0
  } finally {
    progress.end()
  }
}

function parseTimeframes(text: string): readonly Timeframe[] {
  return text.split(',').map(part => parseTimeframe(part.trim()))
}

function wantedSeries(io: Io, keys: readonly string[], flags: DownloadFlags): readonly SeriesId[] {
  const { symbols, timeframes } = flags
  if ((symbols === undefined) !== (timeframes === undefined))
    throw badInput(symbols ? '--symbols needs --timeframes' : '--timeframes needs --symbols', {
      hint: 'write -p BTC/USDT -t 1h, or series such as binance:BTC/USDT:1h',
    })
  const id = configOf(io, flags).config.exchange.id
  const fromFlags = (symbols ?? []).flatMap(({ exchange, symbol }) =>
    (timeframes ?? []).map(timeframe => seriesKey({ exchange: exchange ?? id, symbol, timeframe })),
  )
  const all = seriesOfOneExchange([...keys, ...fromFlags])
  if (all.length > 0) return all
  throw badInput('nothing is named that could be downloaded', {
    hint: 'write -p BTC/USDT,ETH/USDT -t 1m, or series such as binance:BTC/USDT:1h',
  })
}

/** A market that the exchange no longer has can still be asked about what is stored of it, not for more. */
function refuseUnknown(wanted: readonly SeriesId[], { store, symbols, source }: DataExchange): void {
  const stored = new Set(store.list().map(({ series }) => series.symbol))
  for (const { symbol } of wanted)
    if (!symbols.includes(symbol))
      throw badInput(`${source.exchange} does not trade ${symbol}${stored.has(symbol) ? ' any longer' : ''}`, {
        hint: stored.has(symbol)
          ? 'what is stored of it stays'
          : `it trades ${symbols.slice(0, 10).join(', ')} and others`,
      })
}

function spanOf(series: SeriesId, flags: DownloadFlags, { store, clock }: DataExchange) {
  const range = timeRange({
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.to === undefined ? {} : { to: flags.to }),
    ...(flags.timerange === undefined ? {} : { timerange: flags.timerange }),
  })
  const closed = barOpen(series.timeframe, clock.now())
  const to = Math.min(range.to ?? closed, closed)
  const stored = store.list().find(({ key }) => key === seriesKey(series))
  const from = range.from ?? stored?.to ?? to - DEFAULT_DAYS * DAY_MS
  return { series, from, to }
}

function document({ planned, loaded, empty }: Downloaded) {
  const { series, span } = planned
  const { timeframe } = series
  const missing = (range: { from: number; to: number }): number => barsBetween(timeframe, range.from, range.to)
  return {
    series: seriesKey(series),
    ...span,
    asked: barsIn(timeframe, planned.ranges),
    inserted: loaded.inserted,
    revised: loaded.revised,
    refused: loaded.refused,
    empty: empty.map(({ from, to, cause }) => ({ from, to, missing: missing({ from, to }), cause })),
    failed: loaded.failed.map(({ from, to, error }) => ({
      from,
      to,
      missing: missing({ from, to }),
      reason: error.message,
    })),
  }
}

function report(io: Io, results: readonly Downloaded[], { requests }: FetcherMetrics): string {
  const { yellow } = colours(io, 'stdout')
  const lines: string[] = []
  for (const { planned, loaded, empty } of results) {
    const { timeframe } = planned.series
    lines.push(`${seriesKey(planned.series)}: ${summary(planned, loaded.inserted)}`)
    if (loaded.revised > 0)
      lines.push(`  ${formatCount(loaded.revised, 'candle')} differ from what was there (the first stays)`)
    if (loaded.refused > 0)
      lines.push(yellow(`  ${formatCount(loaded.refused, 'row')} refused: the exchange sent no candles in them`))
    for (const range of empty.slice(0, NOTES_SHOWN_MAX))
      lines.push(
        `  ${formatNumber(barsBetween(timeframe, range.from, range.to), 0)} the exchange has not, from ${formatTime(range.from)}: ${range.cause}`,
      )
    if (empty.length > NOTES_SHOWN_MAX) lines.push(`  and ${formatCount(empty.length - NOTES_SHOWN_MAX, 'more gap')}`)
    for (const { from, error } of loaded.failed.slice(0, NOTES_SHOWN_MAX))
      lines.push(yellow(`  not fetched from ${formatTime(from)}: ${error.message}`))
  }
  lines.push(`${formatCount(requests, 'request')}`)
  return `${lines.join('\n')}\n`
}

function summary({ series, span, ranges }: Planned, inserted: number): string {
  if (span.from >= span.to) return 'nothing has closed in this time yet'
  if (ranges.length === 0) return `all there, ${formatTime(span.from)} to ${formatTime(span.to)}`
  const asked = barsIn(series.timeframe, ranges)
  return `${formatNumber(inserted, 0)} of ${formatCount(asked, 'missing candle')} came, ${formatTime(span.from)} to ${formatTime(span.to)}`
}
