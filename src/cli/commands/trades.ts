import { join } from 'node:path'
import type { Command } from 'commander'
import { tradeRow, type TradeRow } from '../../backtest/document.ts'
import { SqliteLedgerReader } from '../../ledger/sqlite/sqlite-ledger-reader.ts'
import type { CommandContext } from '../context.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { Io } from '../io.ts'
import { checked, intBetween, parseSymbols, type SymbolChoice } from '../options.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatDuration, formatNumber, formatPercent, formatPrice, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { table, type TableColumn } from '../output/table.ts'

interface TradesOptions extends ConfigOptions {
  readonly json?: true
  readonly strategy?: string
  readonly symbols?: readonly SymbolChoice[]
  readonly last?: number
}

/** `tallow trades`: closed round trips of the ledger, oldest first. */
export function registerTrades(program: Command, context: CommandContext): void {
  const command = program
    .command('trades')
    .description('closed trades of the ledger, oldest first')
    .option('-s, --strategy <name>', 'of one strategy')
    .option('-p, --symbols <list>', 'of these symbols: BTC/USDT,ETH/USDT', checked('--symbols', parseSymbols))
    .option('--last <count>', 'the newest so many', checked('--last', intBetween(1)))
    .option('--json', 'print an array of trades')
    .addHelpText('after', '\nExample:\n  $ tallow trades -p BTC/USDT --last 20')
  withConfigOptions(command).action((options: TradesOptions) => {
    printTrades(context.io, options)
  })
}

function printTrades(io: Io, options: TradesOptions): void {
  const rows = readTrades(io, options)
  if (options.json) {
    printJson(io, rows)
    return
  }
  if (rows.length === 0) {
    io.stdout('no closed trades yet\n')
    return
  }
  io.stdout(
    table(
      COLUMNS,
      rows.map(row => cells(io, row)),
    ),
  )
  const profit = rows.reduce((sum, row) => sum + row.profit, 0)
  const won = rows.filter(row => row.profit > 0).length
  io.stdout(
    `\n${formatCount(rows.length, 'trade')}, ${formatPercent((100 * won) / rows.length, 0)} won, profit ${formatNumber(profit)}\n`,
  )
}

function readTrades(io: Io, options: TradesOptions): readonly TradeRow[] {
  const reader = SqliteLedgerReader.open(join(configOf(io, options).config.data_dir, 'ledger.db'))
  try {
    const { symbols, last, strategy } = options
    const rows = reader.trades(strategy === undefined ? {} : { strategy }).map(tradeRow)
    const chosen = symbols === undefined ? rows : rows.filter(row => symbols.some(choice => matches(choice, row)))
    return last === undefined ? chosen : chosen.slice(-last)
  } finally {
    reader.close()
  }
}

function matches(choice: SymbolChoice, row: TradeRow): boolean {
  return choice.symbol === row.symbol && (choice.exchange ?? row.exchange) === row.exchange
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'exit (UTC)' },
  { title: 'symbol' },
  { title: 'strategy' },
  { title: 'amount', align: 'right' },
  { title: 'entry', align: 'right' },
  { title: 'exit', align: 'right' },
  { title: 'held', align: 'right' },
  { title: 'fees', align: 'right' },
  { title: 'profit', align: 'right' },
  { title: '%', align: 'right' },
  { title: 'reason' },
]

function cells(io: Io, row: TradeRow): readonly string[] {
  const { red, green } = colours(io, 'stdout')
  const paint = row.profit < 0 ? red : green
  return [
    formatTime(row.exitTime),
    row.symbol,
    row.strategy,
    formatPrice(row.amount),
    formatPrice(row.entryPrice),
    formatPrice(row.exitPrice),
    formatDuration(row.exitTime - row.entryTime),
    formatNumber(row.fees),
    paint(formatNumber(row.profit)),
    paint(formatNumber(row.profitPercent)),
    row.exitReason,
  ]
}
