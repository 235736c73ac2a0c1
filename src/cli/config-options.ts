import type { Command } from 'commander'
import { loadConfig, type LoadedConfig, type Override } from './config/load-config.ts'
import type { Io } from './io.ts'
import { collected } from './options.ts'

/** What `withConfigOptions` adds to a command's options. */
export interface ConfigOptions {
  readonly config?: readonly string[]
  readonly dataDir?: string
}

/** Adds `-c, --config` and `--data-dir`. */
export function withConfigOptions(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'read this config; may be repeated, later wins (default: ./tallow.yaml if there)',
      collected('--config', text => text),
    )
    .option('--data-dir <dir>', 'store, ledger and outbox lie there (default ./data, also TALLOW_DATA_DIR)')
}

/**
 * The config of a command that has these options.
 * @param overrides of the command's own flags.
 * @throws bad input that tells the first fault.
 */
export function configOf(io: Io, options: ConfigOptions, overrides: readonly Override[] = []): LoadedConfig {
  return loadConfig(io, requestOf(options, overrides))
}

export function requestOf(options: ConfigOptions, overrides: readonly Override[] = []) {
  return {
    files: options.config ?? [],
    overrides: [{ flag: '--data-dir', path: ['data_dir'], value: options.dataDir }, ...overrides],
  }
}
