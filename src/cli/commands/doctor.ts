import type { Command } from 'commander'
import { TallowError } from '../../domain/errors.ts'
import { requestOf, withConfigOptions, type ConfigOptions } from '../config-options.ts'
import { readConfig, type ConfigReading } from '../config/load-config.ts'
import type { CommandContext } from '../context.ts'
import { configFinding, secretFilesFinding } from '../doctor/config.ts'
import { daemonFinding } from '../doctor/daemon.ts'
import { dataFolderFindings } from '../doctor/data-folder.ts'
import { exchangeFindings } from '../doctor/exchange.ts'
import type { Finding } from '../doctor/finding.ts'
import { httpPortFinding } from '../doctor/http-port.ts'
import { influxFinding } from '../doctor/influx.ts'
import { ledgerFinding } from '../doctor/ledger.ts'
import { machineFindings } from '../doctor/machine.ts'
import type { Io } from '../io.ts'
import { colours } from '../output/colour.ts'
import { printJson } from '../output/json.ts'

interface DoctorOptions extends ConfigOptions {
  readonly json?: true
}

/** `tallow doctor`: is all there that a run needs? Nothing is changed. */
export function registerDoctor(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('is all there that a run needs? looks at machine, config, data folder, exchange and InfluxDB')
    .option('--json', 'print { status, checks }')
    .addHelpText('after', '\nExample:\n  $ tallow doctor -c config/binance-paper.yaml')
  withConfigOptions(command).action(async (options: DoctorOptions) => {
    const { io } = context
    const checks = await examine(io, options)
    const status = worst(checks)
    if (options.json) printJson(io, { status, checks })
    else report(io, checks)
    context.exitCode = status === 'fail' ? 1 : 0
  })
}

async function examine(io: Io, options: DoctorOptions): Promise<readonly Finding[]> {
  const reading = read(io, options)
  const machine = await machineFindings()
  const { loaded } = reading
  if (loaded === undefined) return [configFinding(reading), ...machine]
  const { config } = loaded
  const [folder, exchange, influx, daemon] = await Promise.all([
    dataFolderFindings(config),
    exchangeFindings(config, io),
    influxFinding(config),
    daemonFinding(config.data_dir),
  ])
  const ledger = await ledgerFinding(config.data_dir, daemon.runs)
  return [
    configFinding(reading),
    secretFilesFinding(loaded),
    ...machine,
    ...folder,
    daemon.finding,
    ledger,
    await httpPortFinding(config, daemon.runs),
    ...exchange,
    influx,
  ]
}

/** A file that cannot be read is a finding like any other fault of the config. */
function read(io: Io, options: DoctorOptions): ConfigReading {
  try {
    return readConfig(io, requestOf(options))
  } catch (error) {
    if (!(error instanceof TallowError)) throw error
    return { loaded: undefined, faults: [{ message: error.message, where: error.where, hint: error.hint }] }
  }
}

function worst(checks: readonly Finding[]): Finding['status'] {
  const found = new Set(checks.map(({ status }) => status))
  if (found.has('fail')) return 'fail'
  return found.has('warn') ? 'warn' : 'ok'
}

function report(io: Io, checks: readonly Finding[]): void {
  const paint = colours(io, 'stdout')
  const painted = { ok: paint.green('ok  '), warn: paint.yellow('warn'), fail: paint.red('fail') }
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, status, detail, remedy } of checks) {
    io.stdout(`${painted[status]}  ${name.padEnd(width)}  ${detail}\n`)
    if (remedy !== '') io.stdout(`${' '.repeat(width + 8)}next: ${remedy}\n`)
  }
  const count = (wanted: Finding['status']): number => checks.filter(({ status }) => status === wanted).length
  io.stdout(`\n${checks.length} checks: ${count('fail')} fail, ${count('warn')} warn\n`)
}
