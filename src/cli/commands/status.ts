import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { nearest } from '../../domain/nearest.ts'
import type { BotStatus } from '../../runtime/control/bot-status.ts'
import { type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { daemonFolder } from '../daemon.ts'
import { printJson } from '../output/json.ts'
import { tellStatus } from '../output/status-report.ts'
import { readStatus } from '../read-status.ts'

interface StatusOptions extends ConfigOptions {
  readonly json?: true
  readonly bot?: string
}

/** `tallow status`: what the bots of the data folder hold, wait for, and are kept from. */
export function registerStatus(program: Command, { io }: CommandContext): void {
  const command = program
    .command('status')
    .description('what the bots of the data folder hold, wait for, and are kept from')
    .option('--bot <name>', 'of one bot')
    .option('--json', 'print { bots: [ … ] }')
    .addHelpText('after', '\nExample:\n  $ tallow status --bot tallow')
  withConfigOptions(command).action(async (options: StatusOptions) => {
    const { bots, lastRuns, notes } = await readStatus(daemonFolder(io, options))
    const chosen = options.bot === undefined ? bots : [theBot(bots, options.bot)]
    for (const note of notes) io.stderr(`note: ${note}\n`)
    if (options.json) printJson(io, { bots: chosen })
    else if (chosen.length === 0) io.stdout('no bot has run here yet\n')
    else tellStatus(io, chosen, lastRuns)
  })
}

function theBot(bots: readonly BotStatus[], name: string): BotStatus {
  const found = bots.find(({ bot }) => bot === name)
  if (found !== undefined) return found
  const names = bots.map(({ bot }) => bot)
  const near = nearest(name, names)
  const all = names.length === 0 ? 'none has run here yet' : `there are ${names.join(', ')}`
  throw badInput(`there is no bot "${name}" in this data folder`, {
    where: '--bot',
    hint: near === undefined ? all : `did you mean "${near}"?`,
  })
}
