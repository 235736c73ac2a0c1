import type { BotStatus, PositionStatus } from '../../runtime/control/bot-status.ts'
import type { TradingMode } from '../../domain/trading-mode.ts'
import type { RunSpan } from '../../ledger/ledger.ts'
import type { Io } from '../io.ts'
import { colours } from './colour.ts'
import { formatDuration, formatNumber, formatPrice, formatTime } from './format.ts'
import { ORDER_COLUMNS, orderCells } from './order-table.ts'
import { printTable } from './print-table.ts'
import type { TableColumn } from './table.ts'

/** What a person reads who asks how the bots are. */
export function tellStatus(io: Io, bots: readonly BotStatus[], lastRuns: ReadonlyMap<string, RunSpan>): void {
  bots.forEach((bot, index) => {
    if (index > 0) io.stdout('\n')
    tellBot(io, bot, lastRuns.get(bot.bot))
  })
}

function tellBot(io: Io, status: BotStatus, lastRun: RunSpan | undefined): void {
  const { bold, green, dim } = colours(io, 'stdout')
  io.stdout(`${bold(status.bot)}: ${status.running ? green('running') : `not running; ${age(io, lastRun)}`}\n`)
  io.stdout(`equity ${formatNumber(status.equity)}, cash ${formatNumber(status.cash)}`)
  io.stdout(status.equityTime === null ? '\n' : `, as of ${formatTime(status.equityTime)} UTC\n`)
  for (const line of restrictions(io, status)) io.stdout(`${line}\n`)
  if (status.positions.length === 0) io.stdout('no positions\n')
  else {
    io.stdout(`\n${bold('positions')}\n`)
    printTable(
      io,
      POSITION_COLUMNS,
      status.positions.map(position => positionCells(io, position)),
    )
  }
  if (status.orders.length === 0) io.stdout('no resting orders\n')
  else {
    io.stdout(`\n${bold('resting orders')}\n`)
    printTable(io, ORDER_COLUMNS, status.orders.map(orderCells))
  }
  if (!status.running) io.stdout(dim('prices, protections and excluded strategies are known while the daemon runs\n'))
}

/** How old what the ledger says is, by this machine's time: the exchange's may be a simulation's. */
function age(io: Io, lastRun: RunSpan | undefined): string {
  if (lastRun === undefined) return 'from the ledger'
  const { startedAt, endedAt } = lastRun
  const ago = (time: number): string => `${formatTime(time)} UTC (${formatDuration(Math.max(0, io.now() - time))} ago)`
  if (endedAt !== undefined) return `from the ledger, as its last run left it at ${ago(endedAt)}`
  return `from the ledger; its last run began at ${ago(startedAt)} and was killed, or is still starting`
}

const MODE_WORDS: Readonly<Record<TradingMode, string>> = {
  on: 'trading is on',
  'close-only': 'close-only: no entries until tallow resume',
  paused: 'paused: no strategy is asked until tallow resume',
}

function restrictions(io: Io, { mode, modeReason, protections, excluded }: BotStatus): readonly string[] {
  const { yellow } = colours(io, 'stdout')
  const words = modeReason === '' || mode === 'on' ? MODE_WORDS[mode] : `${MODE_WORDS[mode]} (${modeReason})`
  return [
    mode === 'on' ? words : yellow(words),
    ...protections.map(({ name, symbol, until, reason }) =>
      yellow(
        `${name} keeps entries ${symbol === undefined ? '' : `of ${symbol} `}back until ${formatTime(until)} UTC: ${reason}`,
      ),
    ),
    ...excluded.map(({ strategy, reason }) => yellow(`strategy ${strategy} is excluded: ${reason}`)),
  ]
}

const POSITION_COLUMNS: readonly TableColumn[] = [
  { title: 'symbol' },
  { title: 'side' },
  { title: 'amount', align: 'right' },
  { title: 'entry', align: 'right' },
  { title: 'since (UTC)', dropRank: 2 },
  { title: 'stop', align: 'right' },
  { title: 'target', align: 'right', dropRank: 3 },
  { title: 'price', align: 'right' },
  { title: 'profit', align: 'right' },
  { title: 'strategy', widthMin: 8, dropRank: 1 },
]

function positionCells(io: Io, position: PositionStatus): readonly string[] {
  const { red, green } = colours(io, 'stdout')
  const { unrealizedProfit } = position
  const profit = formatNumber(unrealizedProfit)
  const paint = unrealizedProfit === null ? String : unrealizedProfit < 0 ? red : green
  return [
    position.symbol,
    position.side,
    formatPrice(position.amount),
    formatPrice(position.entryPrice),
    formatTime(position.entryTime),
    formatPrice(position.stop),
    formatPrice(position.takeProfit),
    formatPrice(position.price),
    paint(profit),
    position.strategy,
  ]
}
