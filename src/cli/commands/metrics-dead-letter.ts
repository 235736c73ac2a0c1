import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { DeadLetters, type DeadLetter } from '../../telemetry/outbox/dead-letters.ts'
import { readOutboxFile } from '../../telemetry/outbox/outbox-file.ts'
import { Outbox } from '../../telemetry/outbox/outbox.ts'
import { retryDeadLetters, type SentAgain } from '../../telemetry/sender/send-again.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { Config } from '../config/schema.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { checked, intBetween } from '../options.ts'
import { formatCount, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { outboxPath } from '../plug-points.ts'
import { sendingAgain } from '../sending-again.ts'

interface ListOptions extends ConfigOptions {
  readonly json?: true
  readonly last?: number
}

interface RetryOptions extends ConfigOptions {
  readonly json?: true
}

const SHOWN = 20
/** Beside a daemon that writes to the same file. */
const BUSY_TIMEOUT_MS = 5_000

export function registerMetricsDeadLetter(group: Command, context: CommandContext): void {
  const deadLetter = group
    .command('dead-letter')
    .description('points that the server refused')
    .addHelpText('after', '\nExample:\n  $ tallow metrics dead-letter list')
  registerList(deadLetter, context)
  registerRetry(deadLetter, context)
}

function registerList(group: Command, { io }: CommandContext): void {
  const command = group
    .command('list')
    .description('the newest, with the reason of the server')
    .option('--last <count>', `the newest so many (default ${SHOWN})`, checked('--last', intBetween(1)))
    .option('--json', 'print an array of { id, measurement, line, reason, at }')
    .addHelpText('after', '\nExample:\n  $ tallow metrics dead-letter list --last 5')
  withConfigOptions(command).action((options: ListOptions) => {
    const { letters, count } = readLetters(outboxPath(configOf(io, options).config), options.last ?? SHOWN)
    if (options.json) printJson(io, letters)
    else tellLetters(io, letters, count)
  })
}

function registerRetry(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('retry')
    .description('send them once more; what the server takes now is no dead letter any longer')
    .option('--json', 'print { sent, refused, reason }')
    .addHelpText('after', '\nExample:\n  $ tallow metrics dead-letter retry')
  withConfigOptions(command).action(async (options: RetryOptions) => {
    const result = await retry(io, configOf(io, options).config)
    if (result === undefined) {
      context.exitCode = 130
      return
    }
    const { sent, refused } = result
    const reason = refused.at(-1)?.reason
    if (options.json) printJson(io, { sent, refused: refused.length, reason: reason ?? null })
    else
      io.stdout(`${formatCount(sent, 'point')} sent, ${refused.length} refused again${reason ? `: ${reason}` : ''}\n`)
    context.exitCode = refused.length === 0 ? 0 : 1
  })
}

async function retry(io: Io, config: Config): Promise<SentAgain | undefined> {
  const path = outboxPath(config)
  return sendingAgain(io, config, async again => {
    if (!existsSync(path)) return { sent: 0, refused: [] }
    const outbox = Outbox.open(path, {
      bot: config.bot,
      bytesMax: Number.POSITIVE_INFINITY,
      now: () => io.now(),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
    })
    try {
      return await retryDeadLetters(outbox, again)
    } finally {
      outbox.close()
    }
  })
}

function readLetters(path: string, last: number): { readonly letters: readonly DeadLetter[]; readonly count: number } {
  const database = readOutboxFile(path)
  if (database === undefined) return { letters: [], count: 0 }
  try {
    const all = new DeadLetters(database)
    return { letters: all.newest(last), count: all.count() }
  } finally {
    database.close()
  }
}

function tellLetters(io: Io, letters: readonly DeadLetter[], count: number): void {
  if (count === 0) return io.stdout('no dead letters\n')
  for (const { at, line, reason } of letters) io.stdout(`${formatTime(at)}  ${line}\n  ${reason}\n`)
  const older = count - letters.length
  io.stdout(`\n${formatCount(count, 'dead letter')}${older > 0 ? `, ${older} older ones not shown (--last)` : ''}\n`)
}
