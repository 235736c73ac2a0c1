import type { Bar } from '../broker/matching/bar.ts'
import { onTick, type Offer } from '../broker/matching/execute.ts'
import { matchExits, matchSettledExits, type ExitHit, type Held } from '../broker/matching/exits.ts'
import { matchResting, type Touch } from '../broker/matching/resting.ts'
import { fromNumber, toNumber } from '../domain/money.ts'
import { opens, type Order, type OrderSide } from '../domain/order.ts'
import { durationMs } from '../domain/timeframe.ts'
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
  const orders = market.book.takeMarketOrders(openTime)
  if (orders.length === 0) return
  const offer: Offer = { price: fromNumber(open), liquidity: 'taker' }
  for (const order of orders) fill(bot, market, order, offer, openTime)
}

/** Matches a closed candle with resting orders and with the levels that end positions, and waits for the next. */
export function settleWithin(bot: Bot, market: Market, row: number): void {
  const { frame, detail, book, legs } = market
  if (book.orders.length === 0 && legs.every(({ watch }) => watch === undefined)) {
    book.arm([], frame.timeAt(row))
    return
  }
  const { timeframe } = market.series
  const candle = barAt(frame, row, durationMs(timeframe))
  // An order is fresh in the first bar that it meets, however long after its decision that comes.
  let freshSince = row > 0 ? frame.timeAt(row - 1) : Number.NEGATIVE_INFINITY
  for (const bar of detail === undefined ? [candle] : detail.within(candle, timeframe)) {
    for (const leg of market.legs) matchLeg(bot, market, leg, bar, freshSince)
    freshSince = Number.POSITIVE_INFINITY
  }
  const watches = market.legs.flatMap(({ watch }) => (watch === undefined ? [] : [watch]))
  market.book.arm(watches, candle.openTime)
}

/** @param freshSince orders decided at candles from here on (open time, UTC ms) meet their first bar. */
function matchLeg(bot: Bot, market: Market, leg: Leg, bar: Bar, freshSince: number): void {
  dropExpired(bot, market, leg, bar)
  const order = leg.pending?.order
  const touch = order && touchOf(order, bar, freshSince)
  let held: Held = leg.position?.entryTime === bar.openTime ? 'from-open' : 'before'
  if (order !== undefined && touch !== undefined && opens(order)) {
    const { watch, position } = leg
    const end = watch && matchSettledExits(watch, bar, held)
    if (end !== undefined && endsBefore(end, touch)) {
      endPosition(bot, market, leg, end, bar)
      return
    }
    takeFrom(bot, market, order, touch, bar)
    if (position === undefined) held = touch.atOpen ? 'from-open' : 'inside'
    else if (!touch.atOpen) held = 'added'
    leaveWithin(bot, market, leg, bar, held, undefined)
  } else leaveWithin(bot, market, leg, bar, held, touch)
}

function dropExpired(bot: Bot, market: Market, leg: Leg, bar: Bar): void {
  const order = leg.pending?.order
  if (order?.expiresAt === undefined || bar.openTime < order.expiresAt) return
  carryOut(bot, step(bot.state, { kind: 'order-canceled', market, order, reason: 'expired' }))
}

/**
 * Whether a position has ended before an order adds to it in the same bar. What ends it at the open has, and so has, of
 * what happens inside in an order that nobody knows, the target: to have added first would be the better of the two.
 */
function endsBefore(end: ExitHit, touch: Touch): boolean {
  return end.atOpen || (end.kind === 'target' && !touch.atOpen)
}

/**
 * Ends the leg's position by its exit plan, or fills its resting exit.
 * @param touch of the resting exit, if the bar fills it.
 */
function leaveWithin(bot: Bot, market: Market, leg: Leg, bar: Bar, held: Held, touch: Touch | undefined): void {
  const { watch, pending } = leg
  const hit = watch && matchExits(watch, bar, held)
  const first = hit === undefined || (touch !== undefined && meetsFirst(touch, hit, watch?.sign ?? 1))
  if (pending !== undefined && touch !== undefined && first) takeFrom(bot, market, pending.order, touch, bar)
  // What a resting exit has left goes on to what ends it.
  if (hit !== undefined && leg.position !== undefined) endPosition(bot, market, leg, hit, bar)
}

/**
 * Whether a bar meets a resting exit before what its exit plan ends it by: at the open; on the way to a target that lies
 * further; on the way to where it raises a stop. Of a stop and a resting exit inside, the stop is the worse.
 */
function meetsFirst(touch: Touch, hit: ExitHit, sign: 1 | -1): boolean {
  if (touch.atOpen && !hit.atOpen) return true
  return hit.kind === 'target' ? touch.price * sign <= hit.price * sign : hit.kind === 'trail'
}

function touchOf({ side, type, price, decidedAt }: Order, bar: Bar, freshSince: number): Touch | undefined {
  if (type === 'market' || price === undefined) return undefined
  return matchResting(side, type, toNumber(price), bar, decidedAt >= freshSince)
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
