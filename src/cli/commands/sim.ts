import { join } from 'node:path'
import type { Command } from 'commander'
import { startSimulator } from '../../exchange/simulator/simulator.ts'
import { candlesOfFiles } from '../candles.ts'
import type { CommandContext } from '../context.ts'
import { dataFolder, withDataFolder, type DataFolderOptions } from '../data-folder.ts'
import { withFileLabels, type FileLabelOptions } from '../file-labels.ts'
import { interruptible, raised } from '../interruptible.ts'
import type { Io } from '../io.ts'
import {
  checked,
  intBetween,
  numberBetween,
  parseDuration,
  parseSymbols,
  parseTime,
  type SymbolChoice,
} from '../options.ts'
import { makeDataFolder } from '../make-data-folder.ts'
import { formatTime } from '../output/format.ts'
import { generatedSource, recordedSource } from '../played-source.ts'

interface SimOptions extends DataFolderOptions, FileLabelOptions {
  readonly candles?: readonly string[]
  readonly seed: number
  readonly symbols?: readonly SymbolChoice[]
  readonly start?: number
  readonly speed: number
  readonly port: number
  readonly for?: number
}

/** `tallow sim`: the embedded exchange alone, for other programs to talk to. */
export function registerSim(program: Command, context: CommandContext): void {
  const command = program
    .command('sim')
    .description('the Binance-shaped exchange on loopback, from files or from a seed')
    .option('--candles <files...>', 'play these candles')
    .option('--seed <number>', 'generate candles from this seed', checked('--seed', intBetween(0)), 1)
    .option('-p, --symbols <list>', 'symbols to generate', checked('--symbols', parseSymbols))
    .option('--start <time>', 'exchange time at the first start', checked('--start', parseTime))
    .option('--speed <factor>', 'exchange time per real time', checked('--speed', numberBetween(0.001, 1_000_000)), 1)
    .option('--port <number>', '0 takes a free one', checked('--port', intBetween(0, 65_535)), 8899)
    .option('--for <duration>', 'stop after this much real time', checked('--for', parseDuration))
    .addHelpText('after', '\nExample:\n  $ tallow sim --seed 7 --speed 60 --port 8899')
  withDataFolder(withFileLabels(command)).action(async (options: SimOptions) => {
    await interruptible(context.io, options.for, signal => sim(context.io, options, signal))
  })
}

async function sim(io: Io, options: SimOptions, signal: AbortSignal): Promise<void> {
  const source =
    options.candles === undefined
      ? generatedSource({
          seed: options.seed,
          symbols: options.symbols?.map(({ symbol }) => symbol),
          startTime: options.start,
        })
      : recordedSource(await candlesOfFiles(io, options.candles, options))
  const folder = dataFolder(io, options)
  makeDataFolder(folder)
  const simulator = await startSimulator({
    source,
    speed: options.speed,
    port: options.port,
    stateFile: join(folder, 'sim.json'),
    log: message => {
      io.stderr(`${message}\n`)
    },
    ...(options.start === undefined ? {} : { startTime: options.start }),
  })
  try {
    io.stdout(
      `${simulator.url} plays ${source.markets.map(({ symbol }) => symbol).join(', ')} from ${formatTime(simulator.startedAt)} UTC at ${options.speed} × real time\n`,
    )
    await raised(signal)
  } finally {
    await simulator.close()
  }
}
