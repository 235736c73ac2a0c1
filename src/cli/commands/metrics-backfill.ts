import type { Command } from 'commander'
import { START } from '../../telemetry/outbox/cursors.ts'
import { Projector } from '../../telemetry/projector/projector.ts'
import { backfill, type SentAgain } from '../../telemetry/sender/send-again.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { checked, parseTime } from '../options.ts'
import { formatCount } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { Progress } from '../output/progress.ts'
import { pointRows } from '../plug-points.ts'
import { sendingAgain } from '../sending-again.ts'

interface BackfillOptions extends ConfigOptions {
  readonly json?: true
  readonly from?: number
}

export function registerMetricsBackfill(group: Command, context: CommandContext): void {
  const { io } = context
  const command = group
    .command('backfill')
    .description(
      'send orders, fills, trades, equity and decisions of the ledger, all of them; a point sent twice is one',
    )
    .option('--from <time>', 'of events from then on', checked('--from', parseTime))
    .option('--json', 'print { sent, refused, reason }')
    .addHelpText('after', '\nExample:\n  $ tallow metrics backfill --from 2024-01-01')
  withConfigOptions(command).action(async (options: BackfillOptions) => {
    const { config } = configOf(io, options)
    const rows = pointRows(config)
    try {
      const projector = new Projector(rows, config.bot, options.from)
      const all = [...projector.waiting({ get: () => START }).values()].reduce((sum, count) => sum + count, 0)
      const progress = new Progress(io, 'points', all)
      const result = await sendingAgain(io, config, async again =>
        backfill(projector, { ...again, onProgress: done => progress.update(done) }).finally(() => progress.end()),
      )
      context.exitCode = tell(io, options, result)
    } finally {
      rows.close()
    }
  })
}

function tell(io: Io, { json }: BackfillOptions, result: SentAgain | undefined): number {
  if (result === undefined) return 130
  const { sent, refused } = result
  const reason = refused.at(-1)?.reason
  if (json) printJson(io, { sent, refused: refused.length, reason: reason ?? null })
  else io.stdout(`${formatCount(sent, 'point')} sent, ${refused.length} refused${reason ? `: ${reason}` : ''}\n`)
  return refused.length === 0 ? 0 : 1
}
