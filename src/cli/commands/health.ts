import { join } from 'node:path'
import type { Command } from 'commander'
import { TallowError } from '../../domain/errors.ts'
import { SqliteLedgerReader } from '../../ledger/sqlite/sqlite-ledger-reader.ts'
import { ControlClient } from '../../runtime/control/control-client.ts'
import { CONTROL_SOCKET } from '../../runtime/control/socket-path.ts'
import {
  documentOfHeartbeat,
  healthExitCode,
  unreachableDocument,
  type HealthCheck,
  type HealthDocument,
  type Heartbeat,
} from '../../telemetry/health-document.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { colours, type Colours } from '../output/colour.ts'
import { formatCount, formatDuration, formatNumber, formatPercent, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'

/** The daemon reports every few seconds; after so long it hangs or is gone. */
const HEARTBEAT_STALE_MS = 15_000
/** A loop that does not come round in this time will not say how it is; its last heartbeat does. */
const ANSWER_WITHIN_MS = 3_000

interface HealthOptions extends ConfigOptions {
  readonly json?: true
  readonly strict?: true
}

/** `tallow health`: is the daemon on this data folder well? */
export function registerHealth(program: Command, context: CommandContext): void {
  const command = program
    .command('health')
    .description('is the daemon well? exit 0 when healthy or degraded, else 1')
    .option('--strict', 'exit 1 also when degraded')
    .option('--json', 'print the health document')
    .addHelpText('after', '\nExample:\n  $ tallow health --strict --json')
  withConfigOptions(command).action(async (options: HealthOptions) => {
    const { io } = context
    const document = await readDocument(io, configOf(io, options).config.data_dir)
    if (options.json) printJson(io, document)
    else io.stdout(report(io, document))
    context.exitCode = healthExitCode(document, options.strict === true)
  })
}

/** A ledger that cannot be read is no crash of this command: it is the answer. */
async function readDocument(io: Io, dataDir: string): Promise<HealthDocument> {
  try {
    const heartbeat = (await askDaemon(dataDir)) ?? readHeartbeat(join(dataDir, 'ledger.db'))
    return documentOfHeartbeat(heartbeat, io.now(), HEARTBEAT_STALE_MS)
  } catch (error) {
    if (!(error instanceof TallowError) || error.kind === 'bug') throw error
    return unreachableDocument(error.hint === undefined ? error.message : `${error.message}: ${error.hint}`)
  }
}

/** From its memory: with the disk full the ledger has only what was so before. Undefined when nobody answers. */
async function askDaemon(dataDir: string): Promise<Heartbeat | undefined> {
  try {
    const client = await ControlClient.connect(join(dataDir, CONTROL_SOCKET))
    if (client === undefined) return undefined
    try {
      const { heartbeat } = await client.ask({ command: 'health' }, ANSWER_WITHIN_MS)
      // Written by the daemon of this package, behind a socket that is its owner's alone.
      return (heartbeat as Heartbeat | null) ?? undefined
    } finally {
      client.close()
    }
  } catch (error) {
    if (!(error instanceof TallowError)) throw error
    return undefined
  }
}

function readHeartbeat(ledgerPath: string): Heartbeat | undefined {
  const reader = SqliteLedgerReader.open(ledgerPath)
  try {
    return reader.heartbeat()
  } finally {
    reader.close()
  }
}

function report(io: Io, document: HealthDocument): string {
  const paint = colours(io, 'stdout')
  const status = paintStatus(paint, document.status)
  if (document.status === 'unreachable') return `${status}: ${document.checks[0]?.detail ?? ''}\n`
  const head = [
    `${document.mode}, up ${formatDuration(document.uptimeSeconds * 1_000)}`,
    formatCount(document.restarts, 'restart'),
    document.ready ? 'ready to trade' : 'not ready to trade',
  ]
  const checks = document.checks.map(check => checkCells(paint, check))
  const series = document.series.map(({ series: key, lastClosed, ageSeconds, stale }) => [
    key,
    formatTime(lastClosed),
    ageSeconds === null ? '-' : formatDuration(ageSeconds * 1_000),
    stale ? paint.red('stale') : 'fresh',
  ])
  return `${status}: ${head.join(', ')}\n\n${table(CHECK_COLUMNS, checks)}\n${table(SERIES_COLUMNS, series)}`
}

const CHECK_COLUMNS: readonly TableColumn[] = [
  { title: 'check' },
  { title: 'status' },
  { title: 'value', align: 'right' },
  { title: 'limit', align: 'right' },
  { title: 'what to do' },
]

const SERIES_COLUMNS: readonly TableColumn[] = [
  { title: 'series' },
  { title: 'last closed candle (UTC)' },
  { title: 'age', align: 'right' },
  { title: '' },
]

function checkCells(paint: Colours, check: HealthCheck): readonly string[] {
  return [
    check.name,
    paintStatus(paint, check.status),
    formatMeasure(check.value, check.unit),
    formatMeasure(check.threshold, check.unit),
    check.detail,
  ]
}

function paintStatus(paint: Colours, status: HealthDocument['status'] | HealthCheck['status']): string {
  switch (status) {
    case 'healthy':
    case 'ok':
      return paint.green(status)
    case 'degraded':
    case 'warn':
      return paint.yellow(status)
    case 'unhealthy':
    case 'unreachable':
    case 'fail':
      return paint.red(status)
    case 'unknown':
      return paint.dim(status)
  }
}

function formatMeasure(value: number | null, unit: HealthCheck['unit']): string {
  if (value === null) return '-'
  switch (unit) {
    case 'ms':
      return `${formatNumber(value, value < 10 ? 1 : 0)} ms`
    case 's':
      return value < 10 ? `${formatNumber(value, 3)} s` : formatDuration(value * 1_000)
    case 'ratio':
      return formatPercent(value * 100, 1)
    case 'bytes':
      return `${formatNumber(value / (1024 * 1024), 0)} MiB`
    case 'points':
      return formatNumber(value, 0)
    case 'boolean':
      return value === 1 ? 'yes' : 'no'
  }
}
