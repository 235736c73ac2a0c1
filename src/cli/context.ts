import type { Io } from './io.ts'

/**
 * What a command gets. Its action sets `exitCode` when it is not 0 and throws a `TallowError` for what goes wrong:
 *
 *     export function registerTrades(program: Command, context: CommandContext): void {
 *       program.command('trades').option('--json', '…').action(async (options: TradesOptions) => {
 *         context.exitCode = await trades(context.io, options)
 *       })
 *     }
 *
 * 0 done · 1 it ran and failed, or may work later · 2 wrong usage, config or strategy · 130 interrupted.
 */
export interface CommandContext {
  readonly io: Io
  exitCode: number
}
