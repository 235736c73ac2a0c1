import type { Command } from 'commander'
import { TallowError } from '../../domain/errors.ts'
import { type ConfigOptions, requestOf, withConfigOptions } from '../config-options.ts'
import { checkTypes } from '../check-types.ts'
import type { ConfigFault } from '../config/layers.ts'
import { type LoadedConfig, readConfig } from '../config/load-config.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { instantiateAll, loadStrategies } from '../strategies.ts'
import { colours } from '../output/colour.ts'
import { printJson } from '../output/json.ts'
import { addConfigSchema, addConfigShow } from './config-show.ts'

const FAULTS_SHOWN_MAX = 20

interface CheckOptions extends ConfigOptions {
  readonly json?: true
  readonly types?: true
}

/** `tallow config check`, `show`, `schema`. */
export function registerConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .description('look at the config')
    .addHelpText('after', '\nExample:\n  $ tallow config check -c config/demo.yaml')
  const check = config
    .command('check')
    .description('read the config and load its strategies, and say what is wrong; starts nothing')
    .option('--types', 'check the types of the strategies as well; needs the TypeScript compiler')
    .option('--json', 'print { ok, sources, faults }')
    .addHelpText('after', '\nExample:\n  $ tallow config check -c config/demo.yaml')
  withConfigOptions(check).action(async (options: CheckOptions) => {
    context.exitCode = await checkConfig(context.io, options)
  })
  addConfigShow(config, context)
  addConfigSchema(config, context)
}

async function checkConfig(io: Io, options: CheckOptions): Promise<number> {
  const { loaded, faults: found } = read(io, options)
  const faults = loaded === undefined ? found : await strategyFaults(io, loaded, options.types === true)
  if (options.json) printJson(io, { ok: faults.length === 0, sources: loaded?.sources ?? [], faults })
  else if (loaded === undefined || faults.length > 0) tellFaults(io, faults)
  else tellConfig(io, loaded)
  return faults.length === 0 ? 0 : 2
}

function read(io: Io, options: CheckOptions): { loaded: LoadedConfig | undefined; faults: readonly ConfigFault[] } {
  try {
    return readConfig(io, requestOf(options))
  } catch (error) {
    return { loaded: undefined, faults: [asFault(error)] }
  }
}

async function strategyFaults(
  io: Io,
  { config, place }: LoadedConfig,
  withTypes: boolean,
): Promise<readonly ConfigFault[]> {
  const faults: ConfigFault[] = []
  const files: string[] = []
  const { strategies } = config.trading
  for (const [index, strategy] of strategies.entries()) {
    try {
      const chosen = await loadStrategies(io, [strategy])
      files.push(...chosen.map(({ loaded }) => loaded.file))
      instantiateAll(chosen, config, '1m')
    } catch (error) {
      const fault = asFault(error)
      faults.push({ ...fault, where: fault.where ?? place(['trading', 'strategies', index, 'name']) })
    }
  }
  return withTypes ? [...faults, ...typeFaults(files, io.cwd)] : faults
}

function typeFaults(files: readonly string[], cwd: string): readonly ConfigFault[] {
  try {
    return checkTypes(files, cwd)
  } catch (error) {
    return [asFault(error)]
  }
}

function asFault(error: unknown): ConfigFault {
  if (!(error instanceof TallowError) || error.kind !== 'bad-input') throw error
  return { message: error.message, where: error.where, hint: error.hint }
}

function tellFaults(io: Io, faults: readonly ConfigFault[]): void {
  const { red } = colours(io, 'stderr')
  for (const fault of faults.slice(0, FAULTS_SHOWN_MAX)) {
    io.stderr(`${red('tallow:')} ${fault.message}\n`)
    if (fault.where !== undefined) io.stderr(`  at:   ${fault.where}\n`)
    if (fault.hint !== undefined) io.stderr(`  next: ${fault.hint}\n`)
  }
  if (faults.length > FAULTS_SHOWN_MAX) io.stderr(`and ${faults.length - FAULTS_SHOWN_MAX} more\n`)
}

function tellConfig(io: Io, { config, sources }: LoadedConfig): void {
  const { exchange, trading } = config
  const { simulator } = exchange
  const where = simulator === undefined ? exchange.id : `embedded exchange at ${simulator.speed} × real time`
  const all = simulator === undefined ? 'none named: only run --candles can start' : 'all of the embedded exchange'
  const symbols = trading.symbols.length > 0 ? trading.symbols.join(', ') : all
  const lines = [
    ['read', sources.length > 0 ? sources.join(', ') : 'no file: built-in defaults'],
    ['bot', config.bot],
    ['data folder', config.data_dir],
    ['exchange', where],
    ['symbols', symbols],
    ['strategies', trading.strategies.map(({ name }) => name).join(', ')],
    ['account', `${trading.cash}, stake ${trading.stake}, fee rate ${trading.fee_rate}`],
    ['points', config.influx.file ?? config.influx.url ?? 'off'],
  ]
  for (const [title = '', text = ''] of lines) io.stdout(`${title.padEnd(12)} ${text}\n`)
  io.stdout('the config is fine\n')
}
