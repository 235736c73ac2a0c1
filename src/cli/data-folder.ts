import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Io } from './io.ts'

export interface DataFolderOptions {
  readonly dataDir?: string
}

/** Adds `--data-dir`. */
export function withDataFolder(command: Command): Command {
  return command.option('--data-dir <dir>', 'store, ledger and outbox lie there (default ./data, also TALLOW_DATA_DIR)')
}

/** The data folder of a command that reads no config. It may not exist. */
export function dataFolder(io: Io, options: DataFolderOptions): string {
  return resolve(io.cwd, options.dataDir ?? (io.env.TALLOW_DATA_DIR || './data'))
}
