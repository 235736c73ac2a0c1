import type { Command } from 'commander'
import { type DataFolderOptions, withDataFolder } from './data-folder.ts'
import { collected } from './options.ts'

/** What `withConfigFlags` adds to a command's options. */
export interface ConfigFlags extends DataFolderOptions {
  readonly config?: readonly string[]
}

/** Adds `-c, --config` and `--data-dir`. Loads nothing: a command that runs every few seconds may not need the config. */
export function withConfigFlags(command: Command): Command {
  command.option(
    '-c, --config <file>',
    'read this config; may be repeated, later wins (default: ./tallow.yaml if there)',
    collected('--config', text => text),
  )
  return withDataFolder(command)
}
