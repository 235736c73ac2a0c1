import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { healthExitCode, type HealthDocument } from '../../telemetry/health-document.ts'
import { type ConfigFlags, withConfigFlags } from '../config-flags.ts'
import type { CommandContext } from '../context.ts'
import { dataFolder } from '../data-folder.ts'
import { interruptible } from '../interruptible.ts'
import type { Io } from '../io.ts'
import { healthReport } from '../output/health-report.ts'
import { printJson } from '../output/json.ts'
import { readHealth } from '../read-health.ts'

interface HealthOptions extends ConfigFlags {
  readonly json?: true
  readonly strict?: true
  readonly watch?: true
}

const WATCH_EVERY_MS = 2_000
/** To the top left, and away with what is below. */
const CLEAR = '\u001b[H\u001b[2J\u001b[3J'

/** `tallow health`: is the daemon on this data folder well? */
export function registerHealth(program: Command, context: CommandContext): void {
  const command = program
    .command('health')
    .description('is the daemon well? exit 0 when healthy or degraded, else 1')
    .option('--strict', 'exit 1 also when degraded')
    .option('--json', 'print the health document')
    .option('--watch', 'look again every 2 s until Ctrl-C; with --json one document a line')
    .addHelpText('after', '\nExample:\n  $ tallow health --strict --json')
  withConfigFlags(command).action(async (options: HealthOptions) => {
    const { io } = context
    const dataDir = await folderOf(io, options)
    const look = async (): Promise<HealthDocument> => {
      const document = await readHealth(dataDir, () => io.now())
      context.exitCode = healthExitCode(document, options.strict === true)
      return document
    }
    if (options.watch) await watch(io, options, look)
    else print(io, options, await look())
  })
}

/** The config says where the data lies, unless it is said on the command line: then it need not be read, which costs half the time. */
async function folderOf(io: Io, options: HealthOptions): Promise<string> {
  if (options.dataDir !== undefined && options.config === undefined) return dataFolder(io, options)
  const { configOf } = await import('../config-options.ts')
  return configOf(io, options).config.data_dir
}

/** The exit code is that of the last look. */
async function watch(io: Io, options: HealthOptions, look: () => Promise<HealthDocument>): Promise<void> {
  const refreshes = io.stdoutIsTty && !options.json
  await interruptible(io, undefined, async signal => {
    for (let first = true; ; first = false) {
      const document = await look()
      signal.throwIfAborted()
      if (refreshes) io.stdout(CLEAR)
      else if (!first && !options.json) io.stdout('\n')
      print(io, options, document)
      await sleep(WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined)
      signal.throwIfAborted()
    }
  })
}

function print(io: Io, options: HealthOptions, document: HealthDocument): void {
  if (options.json) printJson(io, document)
  else io.stdout(healthReport(io, document))
}
