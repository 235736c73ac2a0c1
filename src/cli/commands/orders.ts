import type { Command } from 'commander'
import type { LedgerReader } from '../../ledger/ledger.ts'
import { orderRow, type OrderRow } from '../../runtime/control/order-row.ts'
import { configOf, type ConfigOptions, withConfigOptions } from '../config-options.ts'
import type { CommandContext } from '../context.ts'
import type { Io } from '../io.ts'
import { checked, intBetween, parseSymbols, type SymbolChoice } from '../options.ts'
import { formatCount } from '../output/format.ts'
import { printJson } from '../output/json.ts'
import { ORDER_COLUMNS, orderCells } from '../output/order-table.ts'
import { printTable } from '../output/print-table.ts'
import { isChosen } from '../symbol-choice.ts'
import { withLedger } from '../with-ledger.ts'

interface OrdersOptions extends ConfigOptions {
  readonly json?: true
  readonly open?: true
  readonly symbols?: readonly SymbolChoice[]
  readonly last?: number
}

/** `tallow orders`: what was ordered, and what became of it, oldest first. */
export function registerOrders(program: Command, { io }: CommandContext): void {
  const command = program
    .command('orders')
    .description('orders of the ledger and what became of them, oldest first')
    .option('--open', 'those that still rest')
    .option('-p, --symbols <list>', 'of these symbols: BTC/USDT,ETH/USDT', checked('--symbols', parseSymbols))
    .option('--last <count>', 'the newest so many', checked('--last', intBetween(1)))
    .option('--json', 'print an array of orders')
    .addHelpText('after', '\nExample:\n  $ tallow orders --open -p BTC/USDT')
  withConfigOptions(command).action((options: OrdersOptions) => {
    const rows = withLedger(configOf(io, options).config.data_dir, reader => readOrders(reader, options))
    if (options.json) printJson(io, rows)
    else if (rows.length === 0) io.stdout(options.open ? 'no orders rest\n' : 'no orders yet\n')
    else tellOrders(io, rows)
  })
}

function readOrders(reader: LedgerReader, { open, symbols, last }: OrdersOptions): readonly OrderRow[] {
  const [one] = symbols ?? []
  const found = reader.orders({
    ...(open === undefined ? {} : { open }),
    ...(symbols?.length === 1 && one !== undefined ? { symbol: one.symbol } : {}),
    // What is chosen from here on has to be chosen before the newest are counted.
    ...(last === undefined || symbols !== undefined ? {} : { last }),
  })
  const chosen = found.filter(({ order }) => isChosen(symbols, order)).map(orderRow)
  return last === undefined ? chosen : chosen.slice(-last)
}

function tellOrders(io: Io, rows: readonly OrderRow[]): void {
  const several = new Set(rows.map(({ bot }) => bot)).size > 1
  printTable(
    io,
    several ? [{ title: 'bot' }, ...ORDER_COLUMNS] : ORDER_COLUMNS,
    rows.map(row => (several ? [row.bot, ...orderCells(row)] : orderCells(row))),
  )
  const open = rows.filter(({ status }) => status === 'open').length
  io.stdout(`\n${formatCount(rows.length, 'order')}, ${open} open\n`)
}
