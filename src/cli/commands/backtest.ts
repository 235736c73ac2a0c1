import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { backtestDocument, type BacktestDocument, type GapRow } from '../../backtest/document.ts'
import { backtestMarkets, type SourceCandles } from '../../backtest/markets.ts'
import { runBacktest, type BacktestInput } from '../../backtest/run-backtest.ts'
import { badInput, neverRetry } from '../../domain/errors.ts'
import { seriesKey } from '../../domain/series.ts'
import { durationMs, parseTimeframe, type Timeframe } from '../../domain/timeframe.ts'
import type { Placement } from '../../engine/bot.ts'
import type { MarketOptions } from '../../engine/market.ts'
import { atClose, atNextOpen } from '../../engine/placement.ts'
import { hashFrame } from '../../frame/data-hash.ts'
import { findGaps } from '../../frame/gaps.ts'
import { ColumnCache } from '../../indicators/column-cache.ts'
import type { StrategyInstance } from '../../strategy/instance.ts'
import { accountOf } from '../account.ts'
import { candlesOfFiles, candlesOfStore } from '../candles.ts'
import { configHash } from '../config-hash.ts'
import type { Config } from '../config/schema.ts'
import type { CommandContext } from '../context.ts'
import { configOf } from '../config-options.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import type { Io } from '../io.ts'
import { checked, parseTime, parseTimerange, timeRange, type TimeRange } from '../options.ts'
import { backtestReport } from '../output/backtest-report.ts'
import { exportBacktest } from '../output/backtest-export.ts'
import { printJson } from '../output/json.ts'
import { packageVersion } from '../package-folder.ts'
import { instantiateAll, loadStrategies, type ChosenStrategy } from '../strategies.ts'
import { tradingOverrides, withTradingFlags, type TradingFlags } from '../trading-flags.ts'

interface BacktestOptions extends TradingFlags, FileLabelOptions {
  readonly data?: readonly string[]
  readonly from?: number
  readonly to?: number
  readonly timerange?: TimeRange
  readonly json?: true
  readonly export?: string
  readonly fill?: FillMoment
  readonly detail?: Timeframe
}

/** At which price a market order fills that was decided at a close. */
type FillMoment = 'next-open' | 'close'
const PLACEMENTS: Readonly<Record<FillMoment, Placement>> = { 'next-open': atNextOpen, close: atClose }

/** `tallow backtest`: strategies over candles that are all there. */
export function registerBacktest(program: Command, context: CommandContext): void {
  const command = program
    .command('backtest')
    .description('run strategies over stored candles or files')
    .option('--data <files...>', 'candle files; without it, the store')
    .option('--from <time>', 'first candle that is decided on', checked('--from', parseTime))
    .option('--to <time>', 'candles from here on are left out', checked('--to', parseTime))
    .option('--timerange <range>', '20240101-20240601, open ends allowed', checked('--timerange', parseTimerange))
    .option('--fill <moment>', 'market orders fill at the next-open or at the close', checked('--fill', fillMoment))
    .option('--detail <tf>', 'timeframe that decides what a candle leaves open', checked('--detail', parseTimeframe))
    .option('--json', 'print one JSON document')
    .option('--export <file>', 'trades and equity to FILE.csv or FILE.json', checked('--export', exportFile))
    .addHelpText('after', '\nExample:\n  $ tallow backtest -s sma-cross --param fast=5 --data BTC_USDT-1h.csv.gz -t 4h')
  withFileLabels(withTradingFlags(command)).action(async (options: BacktestOptions) => {
    await backtest(context.io, options)
  })
}

async function backtest(io: Io, options: BacktestOptions): Promise<void> {
  const exportPath = options.export === undefined ? undefined : checkedExport(resolve(io.cwd, options.export))
  const { config } = configOf(io, options, tradingOverrides(options))
  const period = timeRange(options)
  const chosen = await loadStrategies(io, config.trading.strategies)
  const loadStart = performance.now()
  const sources = await loadSources(io, options, config, chosen)
  const strategies = instantiateAll(chosen, config, givenTimeframe(sources))
  const historyRowsMax = config.history.settle_rows_max
  const markets = backtestMarkets(strategies, sources, { ...period, historyRowsMax, detail: options.detail })
  const loadMs = performance.now() - loadStart
  const account = accountOf(config, sources.length, deciding(strategies))
  const placement = PLACEMENTS[options.fill ?? 'next-open']
  const document = runAndDescribe(config, { strategies, markets, account, placement }, period, loadMs)
  if (options.json) printJson(io, document.sampled)
  else io.stdout(backtestReport(io, document.sampled))
  if (exportPath !== undefined) writeExport(exportPath, exportBacktest(exportPath, document.full))
}

async function loadSources(
  io: Io,
  options: BacktestOptions,
  config: Config,
  chosen: readonly ChosenStrategy[],
): Promise<readonly SourceCandles[]> {
  const { data, symbols } = options
  if (data === undefined) {
    const configured = config.trading.symbols.map(symbol => ({ exchange: undefined, symbol }))
    return candlesOfStore(
      config.data_dir,
      symbols ?? (configured.length > 0 ? configured : undefined),
      options.detail ?? lowestWanted(config, chosen),
    )
  }
  const sources = await candlesOfFiles(io, data, options)
  if (symbols === undefined) return sources
  return symbols.map(({ symbol }) => {
    const found = sources.find(({ series }) => series.symbol === symbol)
    if (found) return found
    throw badInput(`no file holds ${symbol}`, {
      where: '--symbols',
      hint: `the files hold ${sources.map(({ series }) => seriesKey(series)).join(', ')}`,
    })
  })
}

/** The lowest timeframe that is asked for or that a strategy names, if any. */
function lowestWanted(config: Config, chosen: readonly ChosenStrategy[]): Timeframe | undefined {
  if (config.trading.timeframe !== undefined) return config.trading.timeframe
  const own = chosen.flatMap(({ loaded }) => loaded.strategy.timeframe ?? [])
  return own.map(parseTimeframe).sort((a, b) => durationMs(a) - durationMs(b))[0]
}

/** The timeframe of the candles, for strategies that name none. @throws bad input when they differ. */
function givenTimeframe(sources: readonly SourceCandles[]): Timeframe {
  const [first] = sources
  if (first === undefined) throw badInput('there are no candles', { hint: 'name files with --data or symbols with -p' })
  return first.series.timeframe
}

/** The finest timeframe that decides: protections count in its candles. */
function deciding(strategies: readonly StrategyInstance[]): Timeframe {
  const [finest = '1m'] = strategies.map(({ timeframe }) => timeframe).sort((a, b) => durationMs(a) - durationMs(b))
  return finest
}

function fillMoment(text: string): FillMoment {
  if (text === 'next-open' || text === 'close') return text
  throw badInput(`"${text}" is no moment to fill at`, { hint: 'write next-open or close' })
}

interface Documents {
  /** As printed: equity sampled. */
  readonly sampled: BacktestDocument
  /** As exported: all of it. */
  readonly full: BacktestDocument
}

function runAndDescribe(
  config: Config,
  input: Omit<BacktestInput, 'provider'>,
  period: TimeRange,
  loadMs: number,
): Documents {
  const { strategies, markets } = input
  const start = performance.now()
  const outcome = runBacktest({
    ...input,
    provider: new ColumnCache(),
    ...(period.from === undefined ? {} : { decideFrom: period.from }),
  })
  const durationMsTaken = performance.now() - start
  const describe = (equityPointsMax?: number): BacktestDocument =>
    backtestDocument({
      version: packageVersion(),
      strategies,
      outcome,
      dataHash: dataHash(markets),
      configHash: configHash(config),
      gaps: gapsOf(markets, period.from),
      durationMs: durationMsTaken,
      loadMs,
      warnings: [],
      ...(equityPointsMax === undefined ? {} : { equityPointsMax }),
    })
  return { sampled: describe(), full: describe(Number.POSITIVE_INFINITY) }
}

function gapsOf(markets: readonly MarketOptions[], from = Number.NEGATIVE_INFINITY): readonly GapRow[] {
  return markets.flatMap(({ series, frame }) =>
    findGaps(series.timeframe, frame)
      .filter(gap => gap.to >= from)
      .map(gap => ({ series, ...gap })),
  )
}

/** Of all candles that the run saw, in the order of its markets. */
function dataHash(markets: readonly MarketOptions[]): string {
  const hash = createHash('sha256')
  for (const { series, frame } of markets) hash.update(seriesKey(series)).update(hashFrame(frame))
  return hash.digest('hex')
}

/** Before the run, not after it. @throws bad input when the folder is not there. */
function checkedExport(path: string): string {
  if (existsSync(dirname(path))) return path
  throw badInput(`there is no folder ${dirname(path)} to export to`, {
    where: '--export',
    hint: 'make the folder first',
  })
}

function writeExport(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw neverRetry(`${path} could not be written: ${error instanceof Error ? error.message : String(error)}`, {
      where: '--export',
      cause: error,
      hint: 'name a file in a folder that this user may write to',
    })
  }
}

function exportFile(text: string): string {
  if (['.csv', '.json'].includes(extname(text))) return text
  throw badInput(`"${text}" is neither .csv nor .json`, { hint: 'name the file with one of these endings' })
}
