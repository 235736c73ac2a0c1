import type { Command } from 'commander'
import { loadConfig, type LoadedConfig, type Override } from './config/load-config.ts'
import { type DataFolderOptions, withDataFolder } from './data-folder.ts'
import type { Io } from './io.ts'
import { collected } from './options.ts'

/** What `withConfigOptions` adds to a command's options. */
export interface ConfigOptions extends DataFolderOptions {
  readonly config?: readonly string[]
}

/** Adds `-c, --config` and `--data-dir`. */
export function withConfigOptions(command: Command): Command {
  command.option(
    '-c, --config <file>',
    'read this config; may be repeated, later wins (default: ./tallow.yaml if there)',
    collected('--config', text => text),
  )
  return withDataFolder(command)
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
