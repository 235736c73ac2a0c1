import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { SourceCandles } from '../../backtest/markets.ts'
import { badInput } from '../../domain/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { Timeframe } from '../../domain/timeframe.ts'
import { realSleep } from '../../exchange/simulator/real-time.ts'
import type { PlayedSource } from '../../exchange/played-source.ts'
import type { RunSetup } from '../../runtime/run-setup.ts'
import { Supervisor } from '../../runtime/supervisor.ts'
import { candlesOfFiles } from '../candles.ts'
import { checkSymbols, plug, type Plugged } from '../compose.ts'
import { configOf } from '../config-options.ts'
import type { Override } from '../config/load-config.ts'
import { healthThresholds } from '../config/health-section.ts'
import type { Config } from '../config/schema.ts'
import type { CommandContext } from '../context.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import { interruptible } from '../interruptible.ts'
import type { Io } from '../io.ts'
import { createLogger } from '../logger.ts'
import { openHttp } from '../open-http.ts'
import { checked, numberBetween, parseDuration } from '../options.ts'
import { generatedSource, recordedSource } from '../played-source.ts'
import { oneTimeframe, runSetup, supervision } from '../run-setup.ts'
import { instantiateAll, loadStrategies } from '../strategies.ts'
import { tradingOverrides, withTradingFlags, type TradingFlags } from '../trading-flags.ts'

interface RunOptions extends TradingFlags, FileLabelOptions {
  readonly candles?: readonly string[]
  readonly speed?: number
  readonly for?: number
}

/** Parts of the config that more than a run is made of. */
const NEEDS_RESTART = ['bot', 'data_dir', 'exchange', 'influx', 'http', 'supervision', 'log'] as const

/** Real time for the last candles of a recording to be traded. */
const END_GRACE_MS = 2_000

/** `tallow run`: the daemon, on paper. */
export function registerRun(program: Command, context: CommandContext): void {
  const command = program
    .command('run')
    .description('the daemon: trades on paper until it is stopped')
    .option('--candles <files...>', 'play these candles through the embedded exchange')
    .option('--speed <factor>', 'exchange time per real time', checked('--speed', numberBetween(0.001, 100_000)))
    .option('--for <duration>', 'stop after this much real time: 60s, 5m', checked('--for', parseDuration))
    .addHelpText('after', '\nExample:\n  $ tallow run --candles BTC_USDT-1m.json.gz --speed 600 --for 60s')
  withFileLabels(withTradingFlags(command)).action(async (options: RunOptions) => {
    await run(context.io, options)
  })
}

async function run(io: Io, options: RunOptions): Promise<void> {
  const config = runConfig(io, options)
  const chosen = await loadStrategies(io, config.trading.strategies)
  const recordings = await loadRecordings(io, options, config)
  const played = recordings.length > 0 ? recordedSource(recordings) : generated(config)
  const given = recordings[0]?.series.timeframe ?? '1m'
  const strategies = instantiateAll(chosen, config, given)
  oneTimeframe(strategies)
  const symbols = wantedSymbols(options, config, played)
  const where = options.symbols === undefined ? 'trading.symbols' : '--symbols'
  // Before anything is created: what is played is known now, a real exchange only once it was asked.
  if (played) checkSymbols(symbols, symbolsOf(played), 'the embedded exchange', where)
  const log = createLogger(io, config.log)
  const begun = await interruptible(io, options.for, async signal => {
    const plugged = await plug(config, played, log, io.secrets.scrub, signal)
    const over = new AbortController()
    try {
      await plugged.confirm(symbols, signal)
      checkSymbols(symbols, plugged.symbols, plugged.source.exchange, where)
      plugged.store.saveInstruments(tradedInstruments(plugged, symbols), plugged.clock.now())
      const supervisor = new Supervisor({
        log,
        speed: plugged.speed,
        clockOffsetMs: plugged.clockOffsetMs,
        trouble: plugged.trouble,
        points: plugged.points,
        dataDir: resolve(io.cwd, config.data_dir),
        thresholds: healthThresholds(config.health),
        setup: runSetup(config, plugged, strategies, symbols),
        reload: () => reloadedSetup(io, options, config, plugged, { given, symbols }),
        wait: realSleep,
        scrub: io.secrets.scrub,
        ...supervision(config),
      })
      const http = await openHttp(config, supervisor, log, io.secrets.scrub)
      try {
        await supervisor.run(untilTheEnd(plugged, config, log, AbortSignal.any([signal, over.signal])))
      } finally {
        await http?.close()
      }
    } finally {
      // A run that failed must not wait for the end of its recording.
      over.abort()
      await plugged.close()
    }
  })
  if (!begun) log.info('stopped before it began')
}

/** The signal, raised as well when a recording has been played to its end. */
function untilTheEnd({ clock, endsAt, speed }: Plugged, config: Config, log: Logger, signal: AbortSignal): AbortSignal {
  if (endsAt === undefined) return signal
  const ended = new AbortController()
  const graceMs = config.market.late_after_ms + END_GRACE_MS * speed
  clock.sleep(Math.max(0, endsAt - clock.now()) + graceMs, signal).then(
    () => {
      log.info(`the recording has ended at ${new Date(endsAt).toISOString()}`)
      ended.abort()
    },
    () => undefined,
  )
  return AbortSignal.any([signal, ended.signal])
}

/** @throws bad input, also when there is nothing that a speed could be applied to. */
function runConfig(io: Io, options: RunOptions): Config {
  const overrides = tradingOverrides(options)
  if (options.speed !== undefined && options.candles === undefined) {
    const { config } = configOf(io, options, overrides)
    if (config.exchange.simulator === undefined)
      throw badInput('--speed is for the embedded exchange; a real one has its own time', {
        where: '--speed',
        hint: 'play files with --candles FILE, or use a config with exchange.simulator, such as -c config/demo.yaml',
      })
  }
  return configOf(io, options, [...overrides, ...simulatorOverrides(options)]).config
}

function symbolsOf(played: PlayedSource): readonly string[] {
  return played.markets.map(({ symbol }) => symbol)
}

function simulatorOverrides({ speed, candles }: RunOptions): readonly Override[] {
  const overrides: Override[] = [{ flag: '--speed', path: ['exchange', 'simulator', 'speed'], value: speed }]
  if (candles !== undefined)
    overrides.push({ flag: '--candles', path: ['exchange', 'simulator', 'candles'], value: candles })
  return overrides
}

async function loadRecordings(io: Io, options: RunOptions, config: Config): Promise<readonly SourceCandles[]> {
  const files = config.exchange.simulator?.candles ?? []
  return files.length === 0 ? [] : candlesOfFiles(io, files, options)
}

function generated({ exchange }: Config): PlayedSource | undefined {
  const { simulator } = exchange
  if (simulator === undefined) return undefined
  return generatedSource({ seed: simulator.seed, symbols: simulator.symbols, startTime: simulator.start_time })
}

function wantedSymbols(
  options: RunOptions,
  { trading, exchange }: Config,
  played: PlayedSource | undefined,
): readonly string[] {
  const named = options.symbols?.map(({ symbol }) => symbol) ?? trading.symbols
  if (named.length > 0) return [...named]
  if (played) return symbolsOf(played)
  throw badInput(`no symbols are named for ${exchange.id}`, {
    where: 'trading.symbols',
    hint: 'name them in the config or with -p BTC/USDT,ETH/USDT; or play the demo: -c config/demo.yaml',
  })
}

function tradedInstruments({ instruments }: Plugged, symbols: readonly string[]): readonly Instrument[] {
  return symbols.flatMap(symbol => instruments.get(symbol) ?? [])
}

/** Config and strategies as they are now. @throws bad input, also when what changed needs a new process. */
async function reloadedSetup(
  io: Io,
  options: RunOptions,
  before: Config,
  plugged: Plugged,
  { given, symbols }: { readonly given: Timeframe; readonly symbols: readonly string[] },
): Promise<RunSetup> {
  const config = runConfig(io, options)
  for (const part of NEEDS_RESTART)
    if (JSON.stringify(config[part]) !== JSON.stringify(before[part]))
      throw badInput(`${part} changed: that needs a new process`, {
        where: part,
        hint: 'stop the daemon and start it again',
      })
  const chosen = await loadStrategies(io, config.trading.strategies)
  const wanted = options.symbols?.map(({ symbol }) => symbol) ?? config.trading.symbols
  const traded = wanted.length > 0 ? wanted : symbols
  await plugged.confirm(traded, new AbortController().signal)
  checkSymbols(traded, plugged.symbols, plugged.source.exchange, 'trading.symbols')
  plugged.store.saveInstruments(tradedInstruments(plugged, traded), plugged.clock.now())
  return runSetup(config, plugged, instantiateAll(chosen, config, given), traded)
}
