import type { Command } from 'commander'
import { type ConfigFlags, withConfigFlags } from './config-flags.ts'
import { loadConfig, type LoadedConfig, type Override } from './config/load-config.ts'
import type { Io } from './io.ts'

/** What `withConfigOptions` adds to a command's options. */
export type ConfigOptions = ConfigFlags

/** Adds `-c, --config` and `--data-dir`, for a command that reads the config. */
export function withConfigOptions(command: Command): Command {
  return withConfigFlags(command)
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
