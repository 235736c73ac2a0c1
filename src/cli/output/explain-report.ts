import type { BotExplanation, Explanation, LegExplanation } from '../explain/explanation.ts'
import type { Io } from '../io.ts'
import { colours } from './colour.ts'
import { formatNumber, formatPrice, formatTime } from './format.ts'

/** What a person reads who asks why there was no trade. */
export function explainReport(io: Io, { symbol, time, bots }: Explanation): string {
  const blocks = bots.flatMap(bot => bot.legs.map(leg => legBlock(io, symbol, bot, leg)))
  if (blocks.length === 0) return `nothing is known about ${symbol} at ${formatTime(time)} UTC\n`
  return blocks.join('\n')
}

function legBlock(io: Io, symbol: string, bot: BotExplanation, leg: LegExplanation): string {
  const { bold, dim, yellow } = colours(io, 'stdout')
  const { openTime, closeTime } = leg.candle
  const lines = [
    bold(`${leg.strategy} on ${leg.exchange}:${symbol}`) + dim(` (bot ${bot.bot})`),
    `the ${leg.timeframe} candle from ${formatTime(openTime)} to ${formatTime(closeTime)} UTC`,
    '',
    leg.decided ? leg.answer : yellow(leg.answer),
    ...valueLines(leg),
    ...orderLines(leg),
    ...tradeLines(leg),
    ...leg.refusals.map(({ reason, count }) => `refused on that day: ${reason}, ${formatNumber(count, 0)} ×`),
    modeLine(io, bot),
  ]
  return `${lines.join('\n')}\n`
}

function valueLines({ decision, candle }: LegExplanation): readonly string[] {
  if (decision === null) return []
  const values = Object.entries(decision.values).map(([name, value]) => `${name} ${formatPrice(value)}`)
  if (values.length === 0) return []
  const when = decision.time === candle.openTime ? 'it saw' : `it saw at ${formatTime(decision.time)}`
  return [`${when}: ${values.join(', ')}`]
}

function orderLines({ orders }: LegExplanation): readonly string[] {
  return orders.map(order => {
    const at = order.price === null ? order.type : `${order.type} ${formatPrice(order.price)}`
    const size = order.amount === null ? `for ${formatPrice(order.quote)}` : formatPrice(order.amount)
    const filled =
      order.fillPrice === null
        ? order.status
        : `filled at ${formatPrice(order.fillPrice)} in the candle of ${formatTime(order.fillTime)}`
    const why = order.statusReason === '' ? '' : `: ${order.statusReason}`
    return `order: ${order.side} ${size} (${order.purpose}, ${at}, ${order.reason}), decided at ${formatTime(order.decidedAt)}, ${filled}${why}`
  })
}

function tradeLines({ trades }: LegExplanation): readonly string[] {
  return trades.map(
    trade =>
      `trade: ${trade.side} ${formatPrice(trade.amount)} from ${formatTime(trade.entryTime)} at ${formatPrice(trade.entryPrice)}` +
      ` to ${formatTime(trade.exitTime)} at ${formatPrice(trade.exitPrice)} (${trade.exitReason}), profit ${formatNumber(trade.profit)}`,
  )
}

function modeLine(io: Io, { mode, modeReason, modeSince }: BotExplanation): string {
  if (modeSince === null) return 'trading is on, and was never restricted'
  const words = `trading is ${mode} since ${formatTime(modeSince)} UTC by this machine's clock (${modeReason})`
  return mode === 'on' ? words : colours(io, 'stdout').yellow(words)
}
