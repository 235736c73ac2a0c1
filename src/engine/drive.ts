import type { PaperBroker } from '../broker/paper-broker.ts'
import { fromNumber } from '../domain/money.ts'
import { NOTHING, type Effect, type SliceClosed } from './events.ts'
import type { Market } from './market.ts'
import type { EngineState } from './state.ts'
import { step, stepCandle } from './step.ts'

/** Told of every effect, in order: a ledger, a trade list, a test. */
export interface Recorder {
  record(effect: Effect): void
}

/** An engine with what is plugged in around it. */
export interface Bot {
  readonly state: EngineState
  readonly broker: PaperBroker
  readonly recorder: Recorder
}

/** Drives one candle of one market: fills that wait for its open, then the decision at its close. */
export function closeCandle(bot: Bot, market: Market, row: number): void {
  if (market.book.wakesOn(row)) settleAtOpen(bot, market, market.frame.open.values[row]!, market.frame.timeAt(row))
  const effects = stepCandle(bot.state, market, row)
  if (effects !== NOTHING) carryOut(bot, effects)
}

/** Drives all candles of one instant over one wallet: first every fill, then every decision, both in series-key order. */
export function closeSlice(bot: Bot, slice: SliceClosed): void {
  settleSlice(bot, slice)
  const effects = step(bot.state, slice)
  if (effects !== NOTHING) carryOut(bot, effects)
}

/** Takes a slice in without a decision: orders that waited for it fill, columns go on. For candles that are too old. */
export function passSlice(bot: Bot, slice: SliceClosed): void {
  settleSlice(bot, slice)
  for (const { market, row } of slice.candles) market.moveTo(row)
}

function settleSlice(bot: Bot, { candles }: SliceClosed): void {
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    if (market.book.wakesOn(row)) settleAtOpen(bot, market, market.frame.open.values[row]!, market.frame.timeAt(row))
  }
}

/**
 * Fills a market's pending market orders at the open of a candle.
 * @param openTime of that candle, UTC ms.
 */
export function settleAtOpen(bot: Bot, market: Market, open: number, openTime: number): void {
  const { state, broker } = bot
  const price = fromNumber(open)
  for (const order of market.book.takeMarketOrders()) {
    const spendable = state.freeCash + (state.legOf(order).pending?.reserve ?? 0n)
    const result = broker.execute(order, price, openTime, market.instrument, spendable)
    const effects =
      'kind' in result
        ? step(state, { kind: 'order-rejected', order, reason: result.reason, time: openTime })
        : step(state, { kind: 'fill', fill: result })
    carryOut(bot, effects)
  }
}

function carryOut(bot: Bot, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'place') effect.market.book.add(effect.order)
    bot.recorder.record(effect)
  }
}
