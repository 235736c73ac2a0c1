import { resolve } from 'node:path'
import type { Command } from 'commander'
import * as tallow from '../../index.ts'
import type { IndicatorDefinition } from '../../indicators/define.ts'
import { indicatorByName } from '../../indicators/registry.ts'
import { verifyIndicator, type Verdict } from '../../indicators/verify.ts'
import { loadIndicators } from '../../strategy/load-indicators.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { collected, parseKeyValues } from '../options.ts'
import { printJson } from '../output/json.ts'

interface VerifyOptions {
  readonly param?: readonly string[]
  readonly json?: true
}

interface Verified {
  readonly indicator: string
  readonly holds: boolean
  readonly promises: readonly { readonly promise: string; readonly fault: string | null }[]
}

/** `tallow indicators verify`: the contract of all indicators, for one's own. */
export function registerIndicatorsVerify(group: Command, context: CommandContext): void {
  const { io } = context
  group
    .command('verify')
    .argument('<file-or-name>', 'file that exports an indicator of your own, or the name of one that comes with Tallow')
    .description(
      'whether an indicator keeps what every column promises: causality, row by row = at once, warm-up, settling',
    )
    .option(
      '--param <name=value>',
      'parameter; may be repeated',
      collected('--param', text => text),
    )
    .option('--json', 'print an array with an entry per indicator')
    .addHelpText('after', '\nExample:\n  $ tallow indicators verify ./strategies/my-indicator.ts --param period=7')
    .action(async (fileOrName: string, options: VerifyOptions) => {
      const params = parseKeyValues(options.param ?? [])
      const definitions = await definitionsOf(io, fileOrName)
      const verified = definitions.map(definition => verdictOf(definition, verifyIndicator(definition, params)))
      if (options.json) printJson(io, verified)
      else io.stdout(verified.map(report).join('\n'))
      context.exitCode = verified.every(({ holds }) => holds) ? 0 : 1
    })
}

async function definitionsOf(io: Io, fileOrName: string): Promise<readonly IndicatorDefinition[]> {
  const isPath = fileOrName.includes('/') || /\.[mc]?[jt]s$/.test(fileOrName)
  return isPath ? loadIndicators(resolve(io.cwd, fileOrName), tallow) : [indicatorByName(fileOrName)]
}

function verdictOf({ name }: IndicatorDefinition, verdicts: readonly Verdict[]): Verified {
  return {
    indicator: name,
    holds: verdicts.every(({ fault }) => fault === undefined),
    promises: verdicts.map(({ promise, fault }) => ({ promise, fault: fault ?? null })),
  }
}

function report({ indicator, holds, promises }: Verified): string {
  const lines = promises.map(({ promise, fault }) =>
    fault === null ? `  holds   ${promise}` : `  BROKEN  ${promise}\n            ${fault}`,
  )
  return `${indicator}: ${holds ? 'keeps all it promises' : 'does not keep what it promises'}\n${lines.join('\n')}\n`
}
