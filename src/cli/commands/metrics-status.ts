import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { metricsDocument, type MetricsDocument } from '../../telemetry/metrics-document.ts'
import { Projector } from '../../telemetry/projector/projector.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { Config } from '../config/schema.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { colours } from '../output/colour.ts'
import { formatDuration, formatNumber } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'
import { outboxPath, pointDestination, pointRows } from '../plug-points.ts'

interface StatusOptions extends ConfigOptions {
  readonly json?: true
}

export function registerMetricsStatus(group: Command, { io }: CommandContext): void {
  const command = group
    .command('status')
    .description('accepted, sent, waiting, refused and dropped points by measurement, over all runs')
    .option('--json', 'print { measurements, oldestPendingSeconds, outboxBytes, server }')
    .addHelpText('after', '\nExample:\n  $ tallow metrics status --json')
  withConfigOptions(command).action(async (options: StatusOptions) => {
    const document = await readDocument(io, configOf(io, options).config)
    if (options.json) printJson(io, document)
    else tell(io, document)
  })
}

async function readDocument(io: Io, config: Config): Promise<MetricsDocument> {
  const destination = pointDestination(config)
  const rows = pointRows(config)
  try {
    const server = (await destination?.state()) ?? 'unknown'
    const projector = destination && new Projector(rows, config.bot)
    const { bot } = config
    const sources = { outboxPath: outboxPath(config), bot, projector, ledgerWrittenAt: ledgerWrittenAt(config) }
    return metricsDocument(sources, io.now(), server)
  } finally {
    rows.close()
    destination?.close()
  }
}

function ledgerWrittenAt({ data_dir }: Config): number | undefined {
  const path = join(data_dir, 'ledger.db')
  const times = [path, `${path}-wal`].flatMap(file => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'measurement' },
  { title: 'accepted', align: 'right' },
  { title: 'sent', align: 'right' },
  { title: 'waiting', align: 'right' },
  { title: 'dead letter', align: 'right' },
  { title: 'dropped', align: 'right' },
]

function tell(io: Io, { measurements, oldestPendingSeconds, outboxBytes, server }: MetricsDocument): void {
  const { red, yellow, green } = colours(io, 'stdout')
  const count = (value: number, paint = (text: string): string => text): string =>
    value === 0 ? '0' : paint(formatNumber(value, 0))
  const rows = Object.entries(measurements).map(([name, state]) => [
    name,
    count(state.accepted),
    count(state.sent),
    count(state.pending, yellow),
    count(state.deadLetter, red),
    count(state.dropped, red),
  ])
  if (rows.length === 0) io.stdout('no points yet\n')
  else io.stdout(table(COLUMNS, rows))
  const waiting = Object.values(measurements).reduce((sum, { pending }) => sum + pending, 0)
  if (waiting > 0) {
    const disk = outboxBytes === 0 ? '' : `, ${formatNumber(outboxBytes / 1024, 0)} KiB in the outbox`
    io.stdout(`\nthe oldest has waited ${formatDuration(oldestPendingSeconds * 1_000)}${disk}\n`)
  }
  const state = { up: green('up'), down: red('down'), unknown: 'unknown' }[server]
  io.stdout(`${rows.length === 0 || waiting > 0 ? '' : '\n'}server: ${state}\n`)
}
