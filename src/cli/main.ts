import { Command, CommanderError } from 'commander'
import type { CommandContext } from './context.ts'
import { endOnCrash } from './end-on-crash.ts'
import { hidingSecrets } from './hide-secrets.ts'
import { type Io, processIo } from './io.ts'
import { packageVersion } from './package-folder.ts'
import { reportError } from './report-error.ts'
import { usageError } from './usage.ts'

type Register = (program: Command, context: CommandContext) => void

/** In the order in which `--help` lists them. A command loads what it needs and no other: health runs every few seconds. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  run: async () => (await import('./commands/run.ts')).registerRun,
  backtest: async () => (await import('./commands/backtest.ts')).registerBacktest,
  health: async () => (await import('./commands/health.ts')).registerHealth,
  trades: async () => (await import('./commands/trades.ts')).registerTrades,
  status: async () => (await import('./commands/status.ts')).registerStatus,
  orders: async () => (await import('./commands/orders.ts')).registerOrders,
  explain: async () => (await import('./commands/explain.ts')).registerExplain,
  pause: async () => (await import('./commands/control.ts')).registerPause,
  resume: async () => (await import('./commands/control.ts')).registerResume,
  'close-only': async () => (await import('./commands/control.ts')).registerCloseOnly,
  close: async () => (await import('./commands/control.ts')).registerClose,
  stop: async () => (await import('./commands/control.ts')).registerStop,
  reload: async () => (await import('./commands/control.ts')).registerReload,
  data: async () => (await import('./commands/data.ts')).registerData,
  indicators: async () => (await import('./commands/indicators.ts')).registerIndicators,
  sim: async () => (await import('./commands/sim.ts')).registerSim,
  config: async () => (await import('./commands/config.ts')).registerConfig,
  init: async () => (await import('./commands/init.ts')).registerInit,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  metrics: async () => (await import('./commands/metrics.ts')).registerMetrics,
}

/**
 * The command line.
 * @param argv what was typed after `tallow`. @param outside this process' own terminal, environment and signals if not given.
 * @returns the exit code; never throws for what a user did.
 */
export async function main(argv: readonly string[], outside?: Io): Promise<number> {
  const io = hidingSecrets(outside ?? processIo())
  const verbose = argv.includes('--verbose')
  if (outside === undefined) endOnCrash(io, verbose)
  const context: CommandContext = { io, exitCode: 0 }
  const program = new Command('tallow')
    .description('A trading-bot runtime: one engine for backtest, paper and live')
    .version(packageVersion(), '--version', 'print the version')
    .addHelpText('after', '\nExample:\n  $ tallow backtest -s rsi-macd --data BTC_USDT-1m.json.gz')
    .configureOutput({
      writeOut: text => io.stdout(text),
      // Help that was not asked for. Errors are told by reportError.
      writeErr: text => io.stderr(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  for (const register of await commandsFor(argv[0] ?? '')) register(program, context)
  prepare(program)
  try {
    await program.parseAsync(withoutVainHelp(argv), { from: 'user' })
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportError(io, error, verbose)
  }
}

/** The one command that is named, or all of them: for help, and to find the nearest to a misspelled name. */
function commandsFor(name: string): Promise<readonly Register[]> {
  const loaders = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS)
  return Promise.all(loaders.flatMap(load => (load ? [load()] : [])))
}

/** Help on a command that does not exist would be the help on all, and would hide the misspelling. */
function withoutVainHelp(argv: readonly string[]): string[] {
  const [name = '-'] = argv
  if (name.startsWith('-') || Object.hasOwn(COMMANDS, name)) return [...argv]
  return argv.filter(word => word !== '--help' && word !== '-h')
}

/** What all commands share: `--verbose`, no process.exit, and refusals in Tallow's words. */
function prepare(command: Command): void {
  command.option('--verbose', 'show stack traces')
  command.helpCommand(false)
  command.showSuggestionAfterError(false)
  command.helpOption('-h, --help', 'show this help')
  command.exitOverride(error => {
    if (error.exitCode === 0 || error.code === 'commander.help') throw error
    throw usageError(command, error)
  })
  for (const child of command.commands) prepare(child)
}
