import type { Command } from 'commander'
import { tradeRow, type TradeRow } from '../../backtest/document.ts'
import { badInput } from '../../domain/errors.ts'
import type { Trade } from '../../domain/position.ts'
import type { LedgerReader } from '../../ledger/ledger.ts'
import type { CommandContext } from '../context.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { Io } from '../io.ts'
import { checked, intBetween, parseSymbols, type SymbolChoice } from '../options.ts'
import { colours } from '../output/colour.ts'
import { formatCount, formatDuration, formatNumber, formatPercent, formatPrice, formatTime } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { printTable } from '../output/print-table.ts'
import type { TableColumn } from '../output/table.ts'
import { tradesCsv, type TradeOfBot } from '../output/trades-csv.ts'
import { isChosen } from '../symbol-choice.ts'
import { withLedger } from '../with-ledger.ts'

interface TradesOptions extends ConfigOptions {
  readonly json?: true
  readonly csv?: true
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
    .option('--csv', 'print them for a spreadsheet, with every digit')
    .addHelpText('after', '\nExample:\n  $ tallow trades -p BTC/USDT --last 20\n  $ tallow trades --csv > trades.csv')
  withConfigOptions(command).action((options: TradesOptions) => {
    printTrades(context.io, options)
  })
}

function printTrades(io: Io, options: TradesOptions): void {
  if (options.json && options.csv) throw badInput('--json and --csv are given at once', { hint: 'use one of them' })
  withLedger(configOf(io, options).config.data_dir, reader => {
    const trades = readTrades(reader, options)
    const rows = trades.map(tradeRow)
    if (options.csv) io.stdout(tradesCsv(withBots(reader, trades)))
    else if (options.json) printJson(io, rows)
    else if (rows.length === 0) io.stdout('no closed trades yet\n')
    else tellTrades(io, rows)
  })
}

function readTrades(reader: LedgerReader, { symbols, last, strategy }: TradesOptions): readonly Trade[] {
  const all = reader.trades(strategy === undefined ? {} : { strategy })
  const chosen = all.filter(trade => isChosen(symbols, trade))
  return last === undefined ? chosen : chosen.slice(-last)
}

/** Whose each trade is. Accounts of several bots in one file are not mixed before the tax office. */
function withBots(reader: LedgerReader, trades: readonly Trade[]): readonly TradeOfBot[] {
  const bots = new Map(
    reader.accounts().flatMap(({ bot }) => reader.trades({ bot }).map(({ id }) => [id, bot] as const)),
  )
  return trades.map(trade => ({ bot: bots.get(trade.id) ?? '', trade }))
}

function tellTrades(io: Io, rows: readonly TradeRow[]): void {
  printTable(
    io,
    COLUMNS,
    rows.map(row => cells(io, row)),
  )
  const profit = rows.reduce((sum, row) => sum + row.profit, 0)
  const won = rows.filter(row => row.profit > 0).length
  io.stdout(
    `\n${formatCount(rows.length, 'trade')}, ${formatPercent((100 * won) / rows.length, 0)} won, profit ${formatNumber(profit)}\n`,
  )
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'exit (UTC)' },
  { title: 'symbol' },
  { title: 'strategy', widthMin: 8, dropRank: 3 },
  { title: 'side', dropRank: 5 },
  { title: 'amount', align: 'right', dropRank: 4 },
  { title: 'entry', align: 'right' },
  { title: 'exit', align: 'right' },
  { title: 'held', align: 'right', dropRank: 2 },
  { title: 'fees', align: 'right', dropRank: 1 },
  { title: 'profit', align: 'right' },
  { title: '%', align: 'right' },
  { title: 'reason', widthMin: 10, dropRank: 6 },
]

function cells(io: Io, row: TradeRow): readonly string[] {
  const { red, green } = colours(io, 'stdout')
  const paint = row.profit < 0 ? red : green
  return [
    formatTime(row.exitTime),
    row.symbol,
    row.strategy,
    row.side,
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
