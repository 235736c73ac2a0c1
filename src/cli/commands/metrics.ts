import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import { registerMetricsBackfill } from './metrics-backfill.ts'
import { registerMetricsDeadLetter } from './metrics-dead-letter.ts'
import { registerMetricsStatus } from './metrics-status.ts'

/** `tallow metrics …`: what became of the points. */
export function registerMetrics(program: Command, context: CommandContext): void {
  const group = program
    .command('metrics')
    .description('points for InfluxDB: what became of them, and sending them again')
    .addHelpText('after', '\nExample:\n  $ tallow metrics status')
  registerMetricsStatus(group, context)
  registerMetricsBackfill(group, context)
  registerMetricsDeadLetter(group, context)
}
