import { Command, CommanderError } from 'commander'
import { registerConfig } from './commands/config.ts'
import { registerBacktest } from './commands/backtest.ts'
import { registerData } from './commands/data.ts'
import { registerHealth } from './commands/health.ts'
import { registerIndicators } from './commands/indicators.ts'
import { registerRun } from './commands/run.ts'
import { registerSim } from './commands/sim.ts'
import { registerTrades } from './commands/trades.ts'
import type { CommandContext } from './context.ts'
import { type Io, processIo } from './io.ts'
import { packageVersion } from './package-folder.ts'
import { reportError } from './report-error.ts'
import { usageError } from './usage.ts'

/** In the order in which `--help` lists them. */
const COMMANDS: readonly ((program: Command, context: CommandContext) => void)[] = [
  registerRun,
  registerBacktest,
  registerHealth,
  registerTrades,
  registerData,
  registerIndicators,
  registerSim,
  registerConfig,
]

/**
 * The command line.
 * @param argv what was typed after `tallow`.
 * @returns the exit code; never throws for what a user did.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
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
  for (const register of COMMANDS) register(program, context)
  prepare(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportError(io, error, argv.includes('--verbose'))
  }
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
