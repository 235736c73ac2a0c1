import type { Command } from 'commander'
import { badInput } from '../../domain/errors.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import { explain } from '../explain/explain.ts'
import { checked, parseSymbols, parseTime, type SymbolChoice } from '../options.ts'
import { explainReport } from '../output/explain-report.ts'
import { printJson } from '../output/json.ts'
import { withLedger } from '../with-ledger.ts'

interface ExplainOptions extends ConfigOptions {
  readonly json?: true
  readonly strategy?: string
}

/** `tallow explain SYMBOL TIME`: why there was a trade at a candle, or why not. */
export function registerExplain(program: Command, { io }: CommandContext): void {
  const command = program
    .command('explain')
    .description('why, or why not: what each strategy decided at a candle, what it saw, and what came of it')
    .argument('<symbol>', 'such as BTC/USDT, or binance:BTC/USDT', checked('SYMBOL', parseOneSymbol))
    .argument('<time>', 'in the candle, UTC: 2024-01-01T12:00 or epoch ms', checked('TIME', parseTime))
    .option('-s, --strategy <name>', 'of one strategy')
    .option('--json', 'print the explanation as JSON')
    .addHelpText('after', '\nExample:\n  $ tallow explain BTC/USDT 2024-01-01T12:00')
  withConfigOptions(command).action((choice: SymbolChoice, time: number, options: ExplainOptions) => {
    const question = { choice, time, strategy: options.strategy, now: io.now() }
    const explanation = withLedger(configOf(io, options).config.data_dir, reader => explain(reader, question))
    if (options.json) printJson(io, explanation)
    else io.stdout(explainReport(io, explanation))
  })
}

function parseOneSymbol(text: string): SymbolChoice {
  const [choice, ...more] = parseSymbols(text)
  if (choice !== undefined && more.length === 0) return choice
  throw badInput(`"${text}" names several symbols`, { hint: 'name one' })
}
