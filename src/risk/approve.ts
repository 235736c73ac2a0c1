import type { Instrument } from '../domain/instrument.ts'
import type { Add, Enter, Exit, Intent } from '../domain/intent.ts'
import { orderClientId } from '../domain/ids.ts'
import { ceilToStep, floorToStep, fromNumber, multiply, type Decimal } from '../domain/money.ts'
import { type Order, type OrderPurpose, type OrderSide, type PositionSide } from '../domain/order.ts'
import type { Position, Trade } from '../domain/position.ts'
import type { Stake } from '../domain/stake.ts'
import { barsBefore, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import type { TradingMode } from '../domain/trading-mode.ts'
import { brokenLimit, type Exposure, type LimitReason, type RiskLimits } from './limits.ts'
import { lockOf, type ProtectionKind } from './protections.ts'
import { sizeByAmount, sizeByStake, tooSmall, type SizeRefusal, type SizeTerms } from './size.ts'

/** What risk looks at. Read only. */
export interface RiskContext {
  readonly strategy: string
  /** Of the leg's order ids. */
  readonly orderIdTail: string
  readonly instrument: Instrument
  readonly timeframe: Timeframe
  /** Open time of the candle being decided, UTC ms. */
  readonly time: number
  /** Its close: the best estimate of what a market order will pay. */
  readonly price: Decimal
  readonly position: Position | undefined
  /** Where the position's stop stands now, in quote currency; undefined without one. */
  readonly stop: number | undefined
  /** The leg's order that has not filled yet. */
  readonly pending: Order | undefined
  readonly equity: Decimal
  /** Cash that no pending order has a claim on. */
  readonly freeCash: Decimal
  readonly stake: Stake
  /** Share of value, e.g. 0.001. */
  readonly feeRate: Decimal
  readonly mode: TradingMode
  /** Why no entry may be made on this candle, from outside; undefined when one may. */
  readonly holdBack: HoldBack | undefined
  readonly limits: RiskLimits
  /** What the wallet holds on this symbol and on a side, and in how many positions. */
  exposure(side: PositionSide): Exposure
  /** Closed trades, as far back as protections look. */
  readonly trades: readonly Trade[]
}

/**
 * The candle comes late, or others of its symbol fail to come; what is decided on it cannot be recorded; or nobody could
 * trade in it. None holds an exit back.
 */
export type HoldBack = 'stale-data' | 'ledger-unwritable' | 'filled-candle'

export type RefusalReason =
  | HoldBack
  | 'position-open'
  | 'no-position'
  | 'order-pending'
  | 'no-order'
  | 'close-only'
  | 'price-off-grid'
  | SizeRefusal
  | LimitReason
  | ProtectionKind

export interface Approved {
  readonly kind: 'approved'
  readonly order: Order
  /** Cash that the order has a claim on until it is filled or gone. */
  readonly reserve: Decimal
  /** The leg's resting order, which is taken back first. */
  readonly replaces: Order | undefined
}

export interface TakeBack {
  readonly kind: 'take-back'
  readonly order: Order
}

export interface Refused {
  readonly kind: 'refused'
  readonly reason: RefusalReason
}

/** Turns an intent into an order or a refusal with its reason. Entries may be held back; an exit only where it cannot be. */
export function approve(intent: Intent, context: RiskContext): Approved | TakeBack | Refused {
  switch (intent.kind) {
    case 'enter':
    case 'add':
      return approveEntry(intent, context)
    case 'exit':
      return approveExit(intent, context)
    case 'cancel':
      return approveCancel(context)
  }
}

/** What its owner wants closed is not for a strategy to take back. */
function approveCancel({ pending }: RiskContext): TakeBack | Refused {
  if (pending === undefined) return refuse('no-order')
  return pending.purpose === 'close' ? refuse('order-pending') : { kind: 'take-back', order: pending }
}

function approveEntry(intent: Enter | Add, context: RiskContext): Approved | Refused {
  const held = heldBack(intent, context)
  if (held !== undefined) return refuse(held)
  const { position, instrument, price } = context
  const side = intent.kind === 'enter' ? intent.side : (position?.side ?? 'long')
  const wanted = intent.limit ?? intent.stop
  const level =
    wanted === undefined ? undefined : onGrid(wanted, intent.limit !== undefined, side === 'long', instrument)
  if (level === 0n) return refuse('price-off-grid')
  const exits = intent.kind === 'enter' ? intent.exits : undefined
  // What is added is lost at the stop that the position has.
  const stops = intent.kind === 'add' && context.stop !== undefined ? { stopLossPrice: context.stop } : exits
  const terms: SizeTerms = { ...context, side, price: level ?? price, exits: stops }
  const sized = intent.amount === undefined ? sizeByStake(terms) : sizeByAmount(intent.amount, terms)
  if (typeof sized === 'string') return refuse(sized)
  const broken = brokenLimit(
    context.limits,
    side,
    intent.kind === 'enter',
    sized.reserve,
    context.exposure(side),
    context.equity,
  )
  if (broken !== undefined) return refuse(broken)
  const order = orderOf(context, intent.kind === 'enter' ? 'entry' : 'add', side === 'long' ? 'buy' : 'sell', {
    ...waiting(intent, level, context),
    size: sized.size,
    exits,
    reason: intent.reason,
  })
  return { kind: 'approved', order, reserve: sized.reserve, replaces: undefined }
}

/** Why no entry may be made now, whatever its size. */
function heldBack(intent: Enter | Add, context: RiskContext): RefusalReason | undefined {
  const { pending, position, mode, holdBack, limits, trades, instrument, time, equity } = context
  if (pending !== undefined) return 'order-pending'
  if (intent.kind === 'enter' && position !== undefined) return 'position-open'
  if (intent.kind === 'add' && position === undefined) return 'no-position'
  if (mode !== 'on') return 'close-only'
  if (holdBack !== undefined) return holdBack
  return limits.protections && lockOf(limits.protections, trades, instrument, time, equity)?.kind
}

function approveExit(intent: Exit, context: RiskContext): Approved | Refused {
  const { position, pending, instrument, price } = context
  if (position === undefined) return refuse('no-position')
  // One that fills at the next open is on its way already. What rests makes way: nothing holds an exit up.
  if (pending !== undefined && pending.type === 'market' && pending.purpose !== 'add') return refuse('order-pending')
  const long = position.side === 'long'
  const level = intent.limit === undefined ? undefined : onGrid(intent.limit, true, !long, instrument)
  if (level === 0n) return refuse('price-off-grid')
  const amount = exitAmount(intent, position, level ?? price, instrument)
  if (amount === undefined) return refuse('below-minimum')
  const order = orderOf(context, 'exit', long ? 'sell' : 'buy', {
    ...waiting(intent, level, context),
    size: { amount },
    exits: undefined,
    reason: intent.reason,
  })
  return { kind: 'approved', order, reserve: 0n, replaces: pending }
}

/** Never more than is held, in whole steps; all of it where what would be left is too small to be sold later. */
function exitAmount(
  { amount, percent }: Exit,
  position: Position,
  price: Decimal,
  instrument: Instrument,
): Decimal | undefined {
  const { amountStep } = instrument
  const all = floorToStep(position.amount, amountStep)
  const wanted =
    amount !== undefined
      ? fromNumber(amount)
      : percent === undefined
        ? all
        : multiply(position.amount, fromNumber(percent)) / 100n
  const part = floorToStep(wanted < all ? wanted : all, amountStep)
  const whole = part < all && tooSmall(all - part, price, instrument) ? all : part
  return tooSmall(whole, price, instrument) ? undefined : whole
}

/** What closes a position that its exit plan or its owner ends. @returns undefined when it is too small to be sold. */
export function closingOrder(
  context: Pick<RiskContext, 'strategy' | 'orderIdTail' | 'instrument' | 'time' | 'price'>,
  position: Position,
  purpose: 'protect' | 'close',
  reason: string,
): Order | undefined {
  const { instrument, price } = context
  const amount = floorToStep(position.amount, instrument.amountStep)
  if (tooSmall(amount, price, instrument)) return undefined
  return orderOf(context, purpose, position.side === 'long' ? 'sell' : 'buy', {
    type: 'market',
    price: undefined,
    expiresAt: undefined,
    size: { amount },
    exits: undefined,
    reason,
  })
}

type Shape = Pick<Order, 'type' | 'price' | 'expiresAt' | 'size' | 'exits' | 'reason'>

function waiting(
  { limit, goodForCandles, ...rest }: Pick<Enter, 'limit' | 'stop' | 'goodForCandles'>,
  level: Decimal | undefined,
  { time, timeframe }: RiskContext,
): Pick<Order, 'type' | 'price' | 'expiresAt'> {
  const type = limit !== undefined ? 'limit' : rest.stop !== undefined ? 'stop' : 'market'
  const expiresAt =
    type === 'market' || goodForCandles === undefined
      ? undefined
      : barsBefore(timeframe, nextBarOpen(timeframe, time), -goodForCandles)
  return { type, price: level, expiresAt }
}

/** A level on the grid of prices: a limit never worse than asked, a stop not earlier than asked. 0 when it is below a tick. */
function onGrid(wanted: number, limit: boolean, buy: boolean, { priceTick }: Instrument): Decimal {
  const exact = fromNumber(wanted)
  return limit === buy ? floorToStep(exact, priceTick) : ceilToStep(exact, priceTick)
}

function orderOf(
  { strategy, orderIdTail, instrument, time }: Pick<RiskContext, 'strategy' | 'orderIdTail' | 'instrument' | 'time'>,
  purpose: OrderPurpose,
  side: OrderSide,
  shape: Shape,
): Order {
  return {
    clientId: orderClientId(orderIdTail, time, purpose),
    strategy,
    exchange: instrument.exchange,
    symbol: instrument.symbol,
    side,
    purpose,
    type: shape.type,
    price: shape.price,
    size: shape.size,
    decidedAt: time,
    expiresAt: shape.expiresAt,
    exits: shape.exits,
    reason: shape.reason,
  }
}

function refuse(reason: RefusalReason): Refused {
  return { kind: 'refused', reason }
}
