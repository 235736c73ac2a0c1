import type { Command } from 'commander'
import { checkSymbol } from '../../domain/series.ts'
import type { Accepted, ControlClient } from '../../runtime/control/control-client.ts'
import type { PlainCommand } from '../../runtime/control/control-request.ts'
import { type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { daemonFolder, theDaemon } from '../daemon.ts'
import type { Io } from '../io.ts'
import { checked } from '../options.ts'
import { formatCount } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { untilEnded } from '../stop-daemon.ts'

interface ControlOptions extends ConfigOptions {
  readonly json?: true
}

/** A daemon sends its last points for up to 10 s, after the slice in hand. */
const STOP_WITHIN_MS = 30_000

/** `tallow pause`. */
export function registerPause(program: Command, context: CommandContext): void {
  registerPlain(program, context, 'pause', {
    does: 'ask no strategy until tallow resume; what protects positions and orders that rest stay at work',
    done: 'paused: no strategy is asked until tallow resume; stops, targets and resting orders stay at work',
  })
}

/** `tallow resume`. */
export function registerResume(program: Command, context: CommandContext): void {
  registerPlain(program, context, 'resume', {
    does: 'trade again after pause or close-only',
    done: 'trading is on',
  })
}

/** `tallow close-only`. */
export function registerCloseOnly(program: Command, context: CommandContext): void {
  registerPlain(program, context, 'close-only', {
    does: 'allow no entries until tallow resume; strategies may still exit',
    done: 'close-only: no entries until tallow resume; strategies may exit, stops and targets stay at work',
  })
}

/** `tallow reload`. */
export function registerReload(program: Command, context: CommandContext): void {
  registerPlain(program, context, 'reload', {
    does: 'read config and strategies again; when they do not load, the daemon goes on with those it has',
    done: 'config and strategies were read again',
  })
}

/** `tallow close SYMBOL`. */
export function registerClose(program: Command, context: CommandContext): void {
  const command = program
    .command('close')
    .description('close what is held of a symbol at the next open, and take its resting orders back')
    .argument('<symbol>', 'such as BTC/USDT', checked('SYMBOL', checkSymbol))
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  $ tallow close BTC/USDT')
  withConfigOptions(command).action(async (symbol: string, options: ControlOptions) => {
    const answer = await withDaemon(context.io, options, client => client.ask({ command: 'close', symbol }))
    const legs = typeof answer.legs === 'number' ? answer.legs : 0
    const said =
      legs === 0
        ? `nothing is held of ${symbol}; orders that rest on it, if any, are taken back`
        : `closing ${symbol}: ${formatCount(legs, 'position')}, at the next open`
    tell(context.io, options, answer, said)
  })
}

/** `tallow stop`. */
export function registerStop(program: Command, context: CommandContext): void {
  const command = program
    .command('stop')
    .description('end the daemon in good order, and wait until it has ended; positions stay open')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  $ tallow stop && cp -r data backup')
  withConfigOptions(command).action(async (options: ControlOptions) => {
    const { io } = context
    const answer = await withDaemon(io, options, async client => {
      const stopping = await client.ask({ command: 'stop' })
      io.stderr(`waiting for the daemon (process ${String(stopping.pid)}) to end\n`)
      await untilEnded(client, stopping, STOP_WITHIN_MS)
      return stopping
    })
    tell(io, options, { ok: true, pid: answer.pid }, 'stopped')
  })
}

interface Words {
  readonly does: string
  readonly done: string
}

function registerPlain(program: Command, { io }: CommandContext, name: PlainCommand, { does, done }: Words): void {
  const command = program
    .command(name)
    .description(does)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', `\nExample:\n  $ tallow ${name} --data-dir ./data`)
  withConfigOptions(command).action(async (options: ControlOptions) => {
    const answer = await withDaemon(io, options, client => client.ask({ command: name }))
    tell(io, options, answer, done)
  })
}

async function withDaemon(
  io: Io,
  options: ControlOptions,
  ask: (client: ControlClient) => Promise<Accepted>,
): Promise<Accepted> {
  const client = await theDaemon(daemonFolder(io, options))
  try {
    return await ask(client)
  } finally {
    client.close()
  }
}

function tell(io: Io, options: ControlOptions, answer: Accepted, done: string): void {
  if (options.json) printJson(io, answer)
  else io.stdout(`${done}\n`)
}
