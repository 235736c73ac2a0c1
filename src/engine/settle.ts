import type { Bar } from '../broker/matching/bar.ts'
import { onTick, type Offer } from '../broker/matching/execute.ts'
import { matchExits, type ExitHit, type Held } from '../broker/matching/exits.ts'
import { matchResting, type Touch } from '../broker/matching/resting.ts'
import { fromNumber, toNumber } from '../domain/money.ts'
import { opens, type Order, type OrderSide } from '../domain/order.ts'
import { durationMs, nextBarOpen } from '../domain/timeframe.ts'
import { carryOut, type Bot } from './bot.ts'
import { barAt } from './detail-bars.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'
import { step } from './step.ts'

/**
 * Fills a market's pending market orders at the open of a candle.
 * @param openTime of that candle, UTC ms.
 */
export function settleAtOpen(bot: Bot, market: Market, open: number, openTime: number): void {
  const orders = market.book.takeMarketOrders()
  if (orders.length === 0) return
  const offer: Offer = { price: fromNumber(open), liquidity: 'taker' }
  for (const order of orders) fill(bot, market, order, offer, openTime)
}

/** Matches a closed candle with resting orders and with the levels that end positions, and waits for the next. */
export function settleWithin(bot: Bot, market: Market, row: number): void {
  const { timeframe } = market.series
  const candle = barAt(market.frame, row, durationMs(timeframe))
  if (market.detail === undefined) matchBar(bot, market, candle)
  else for (const bar of market.detail.within(candle, timeframe)) matchBar(bot, market, bar)
  const watches = market.legs.flatMap(({ watch }) => (watch === undefined ? [] : [watch]))
  market.book.arm(watches, candle.openTime)
}

function matchBar(bot: Bot, market: Market, bar: Bar): void {
  for (const leg of market.legs) {
    dropExpired(bot, market, leg, bar)
    const entered = enterWithin(bot, market, leg, bar)
    if (leg.position !== undefined && leg.watch !== undefined)
      leaveWithin(bot, market, leg, bar, heldSince(leg, bar, entered))
  }
}

function dropExpired(bot: Bot, market: Market, leg: Leg, bar: Bar): void {
  const order = leg.pending?.order
  if (order?.expiresAt === undefined || bar.openTime < order.expiresAt) return
  carryOut(bot, step(bot.state, { kind: 'order-canceled', market, order, reason: 'expired' }))
}

/** Fills the leg's resting entry, if the bar does. */
function enterWithin(bot: Bot, market: Market, leg: Leg, bar: Bar): Touch | undefined {
  const order = leg.pending?.order
  if (order === undefined || !opens(order)) return undefined
  const touch = touchOf(market, order, bar)
  if (touch !== undefined) takeFrom(bot, market, order, touch, bar)
  return touch
}

function heldSince(leg: Leg, bar: Bar, entered: Touch | undefined): Held {
  if (leg.position?.entryTime !== bar.openTime) return 'before'
  return entered === undefined || entered.atOpen ? 'from-open' : 'inside'
}

/** Ends the leg's position by its exit plan, or fills its resting exit. Of both in one bar, a stop goes first. */
function leaveWithin(bot: Bot, market: Market, leg: Leg, bar: Bar, held: Held): void {
  const { watch, pending } = leg
  if (watch === undefined) return
  const hit = matchExits(watch, bar, held)
  const resting = pending === undefined || opens(pending.order) ? undefined : pending.order
  const touch = resting === undefined || hit?.worse === true ? undefined : touchOf(market, resting, bar)
  if (resting !== undefined && touch !== undefined) takeFrom(bot, market, resting, touch, bar)
  else if (hit !== undefined) endPosition(bot, market, leg, hit, bar)
}

function touchOf(market: Market, { side, type, price, decidedAt }: Order, bar: Bar): Touch | undefined {
  if (type === 'market' || price === undefined) return undefined
  const fresh = bar.openTime <= nextBarOpen(market.series.timeframe, decidedAt)
  return matchResting(side, type, toNumber(price), bar, fresh)
}

function takeFrom(bot: Bot, market: Market, order: Order, { price, liquidity }: Touch, bar: Bar): void {
  market.book.remove(order.clientId)
  fill(bot, market, order, { price: fromNumber(price), liquidity }, bar.openTime)
}

function endPosition(bot: Bot, market: Market, leg: Leg, hit: ExitHit, bar: Bar): void {
  const { reason, price } = hit
  const effects = step(bot.state, { kind: 'exit-hit', leg, market, reason, price, time: bar.openTime })
  for (const effect of effects) {
    if (effect.kind === 'canceled') market.book.remove(effect.order.clientId)
    bot.recorder.record(effect)
    if (effect.kind === 'place') fill(bot, market, effect.order, offerOf(hit, effect.order.side, market), bar.openTime)
  }
}

/** A level is not always on the grid of prices; an open is. */
function offerOf({ reason, price, atOpen }: ExitHit, side: OrderSide, { instrument }: Market): Offer {
  const exact = fromNumber(price)
  return {
    price: atOpen ? exact : onTick(side, exact, instrument.priceTick),
    liquidity: reason === 'take_profit' ? 'maker' : 'taker',
  }
}

/** Executes an order whole; what becomes of it goes through `step`. */
export function fill(bot: Bot, market: Market, order: Order, offer: Offer, time: number): void {
  const { state, broker } = bot
  const spendable = state.freeCash + (state.legOf(order).pending?.reserve ?? 0n)
  const result = broker.execute(order, offer, time, market.instrument, spendable)
  const effects =
    'kind' in result
      ? step(state, { kind: 'order-rejected', order, reason: result.reason, time })
      : step(state, { kind: 'fill', fill: result })
  market.book.wake()
  carryOut(bot, effects)
}
