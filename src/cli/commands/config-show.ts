import type { Command } from 'commander'
import { configOf, withConfigOptions, type ConfigOptions } from '../config-options.ts'
import { jsonSchema } from '../config/json-schema.ts'
import { shownAsYaml, shownConfig } from '../config/shown-config.ts'
import type { CommandContext } from '../context.ts'
import { printJson } from '../output/json.ts'

interface ShowOptions extends ConfigOptions {
  readonly json?: true
}

/** `tallow config show`: what is in force, and what made it so. */
export function addConfigShow(config: Command, { io }: CommandContext): void {
  const command = config
    .command('show')
    .description('print the config that is in force, and where each value comes from; secrets are hidden')
    .option('--json', 'print { sources, config, origins }')
    .addHelpText('after', '\nExample:\n  $ tallow config show -c config/demo.yaml')
  withConfigOptions(command).action((options: ShowOptions) => {
    const loaded = configOf(io, options)
    if (options.json) printJson(io, shownConfig(loaded))
    else io.stdout(`${shownAsYaml(loaded)}\n`)
  })
}

/** `tallow config schema`: for editors that check and complete config files. */
export function addConfigSchema(config: Command, { io }: CommandContext): void {
  config
    .command('schema')
    .description('print the JSON schema of a config file, for editors')
    .addHelpText('after', '\nExample:\n  $ tallow config schema > tallow.schema.json')
    .action(() => {
      io.stdout(`${JSON.stringify(jsonSchema(), null, 2)}\n`)
    })
}
