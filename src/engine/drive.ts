import { carryOut, type Bot } from './bot.ts'
import { NOTHING, type Command, type SliceClosed } from './events.ts'
import type { Market } from './market.ts'
import { settleAtOpen, settleWithin } from './settle.ts'
import { step, stepCandle } from './step.ts'

/** Drives one candle of one market: what it fills and ends, then the decision at its close. */
export function closeCandle(bot: Bot, market: Market, row: number): void {
  if (market.wakesOn(row)) {
    settleAtOpen(bot, market, market.frame.open.values[row]!, market.frame.timeAt(row))
    settleWithin(bot, market, row)
  }
  const effects = stepCandle(bot.state, market, row)
  if (effects !== NOTHING) carryOut(bot, effects)
}

/** Drives all candles of one instant over one wallet: every fill, then every decision, in series-key order. */
export function closeSlice(bot: Bot, slice: SliceClosed): void {
  settleSlice(bot, slice)
  const effects = step(bot.state, slice)
  if (effects !== NOTHING) carryOut(bot, effects)
}

/** Takes a slice in without a decision: orders that waited for it fill, levels end positions, columns go on. */
export function passSlice(bot: Bot, slice: SliceClosed): void {
  settleSlice(bot, slice)
  for (const { market, row } of slice.candles) market.moveTo(row)
}

/** What the owner of the bot asks for. */
export function obey(bot: Bot, command: Command): void {
  carryOut(bot, step(bot.state, { kind: 'command', command }))
}

/** All opens come before whatever happens within the candles, as they do in the world. */
function settleSlice(bot: Bot, { candles }: SliceClosed): void {
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    if (market.wakesOn(row)) settleAtOpen(bot, market, market.frame.open.values[row]!, market.frame.timeAt(row))
  }
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    if (market.wakesOn(row)) settleWithin(bot, market, row)
  }
}
