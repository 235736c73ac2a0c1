import type { Fill } from '../domain/fill.ts'
import { bookFill } from '../domain/book-fill.ts'
import type { Intent } from '../domain/intent.ts'
import { fromNumber } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'
import { nextBarOpen } from '../domain/timeframe.ts'
import { approve, closingOrder, type RiskContext } from '../risk/approve.ts'
import { lookbackMs } from '../risk/protections.ts'
import { NOTHING, type Command, type Effect, type EngineEvent, type SliceClosed } from './events.ts'
import { holdBackOf } from './hold-back.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'
import { nameOf, type EngineState } from './state.ts'
import { asIntent } from './strategy-answer.ts'

/** One event in, effects out. Synchronous, deterministic, no I/O; the state is changed in place. */
export function step(state: EngineState, event: EngineEvent): readonly Effect[] {
  switch (event.kind) {
    case 'slice-closed':
      return stepSlice(state, event)
    case 'fill':
      return stepFill(state, event.fill)
    case 'order-rejected': {
      const { order, reason, time } = event
      const leg = state.legOf(order)
      state.release(leg, order.clientId)
      return [
        { kind: 'rejected', order, reason },
        { kind: 'refused', time, ...nameOf(leg), reason },
      ]
    }
    case 'order-canceled':
      return takeBack(state, event.market, state.legOf(event.order), event.order, event.reason)
    case 'exit-hit':
      return stepExitHit(state, event)
    case 'command':
      return stepCommand(state, event.command)
  }
}

function stepFill(state: EngineState, fill: Fill): readonly Effect[] {
  const leg = state.legOf(fill)
  const order = leg.pending?.order
  state.release(leg, fill.clientId)
  const { position, cashChange, trade } = bookFill(leg.position, fill, order?.reason ?? '')
  state.cash += cashChange
  state.hold(leg, position, order?.exits)
  const filled: Effect = { kind: 'filled', fill }
  if (trade === undefined) return [filled]
  if (state.limits.protections !== undefined) remember(state.trades, trade, lookbackMs(state.limits.protections))
  return [filled, { kind: 'trade-closed', trade }]
}

/** In order of exit, as a start finds them: a candle of a longer timeframe may tell last what came first. */
function remember(trades: Trade[], trade: Trade, reachMs: number): void {
  const before = trades.findLastIndex(({ exitTime }) => exitTime <= trade.exitTime)
  trades.splice(before + 1, 0, trade)
  const since = trade.exitTime - reachMs
  while ((trades[0]?.exitTime ?? since) < since) trades.shift()
}

function stepSlice(state: EngineState, slice: SliceClosed): readonly Effect[] {
  const { candles } = slice
  // Every close counts in everyone's equity before anyone decides.
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    market.moveTo(row)
  }
  if (state.mode === 'paused') return NOTHING
  const decided = new Decided(state, slice)
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    decideOn(state, market, row, decided)
  }
  return decided.effects()
}

/** The candle case of `step` for a slice of one candle, without the slice. */
export function stepCandle(state: EngineState, market: Market, row: number): readonly Effect[] {
  market.moveTo(row)
  const { legs } = market
  let decided: Decided | undefined
  for (let index = 0; index < legs.length; index++) {
    const leg = legs[index]!
    if (!leg.warm) continue
    const intent = decide(state, leg, market.frame.time.values[row]!)
    if (intent === undefined) continue
    if (legs.length === 1) return judge(state, market, leg, intent, undefined)
    decided ??= new Decided(state, undefined)
    decided.add(market, leg, intent)
  }
  return decided === undefined ? NOTHING : decided.effects()
}

function decideOn(state: EngineState, market: Market, row: number, decided: Decided): void {
  const { legs } = market
  for (let index = 0; index < legs.length; index++) decideLeg(state, market, legs[index]!, row, decided)
}

function decideLeg(state: EngineState, market: Market, leg: Leg, row: number, decided: Decided): void {
  if (!leg.warm) return
  const intent = decide(state, leg, market.frame.time.values[row]!)
  if (intent !== undefined) decided.add(market, leg, intent)
}

/**
 * Calls the strategy. No try here: it would keep the call from being inlined and cost a third of a backtest. The leg
 * that is deciding is noted instead, and whoever drives the engine asks `explainFailure`.
 */
function decide(state: EngineState, leg: Leg, time: number): Intent | undefined {
  leg.view.time = time
  state.deciding = leg
  const answer = leg.strategy.decide(leg.view)
  state.deciding = undefined
  return answer === undefined ? undefined : asIntent(leg, answer)
}

interface Wish {
  readonly market: Market
  readonly leg: Leg
  readonly intent: Intent & { readonly kind: 'enter' | 'add' }
}

/** What the strategies of one instant want: exits are judged as they come, entries when all are known, by rank. */
class Decided {
  readonly #state: EngineState
  readonly #slice: SliceClosed | undefined
  readonly #effects: Effect[] = []
  readonly #entries: Wish[] = []

  constructor(state: EngineState, slice: SliceClosed | undefined) {
    this.#state = state
    this.#slice = slice
  }

  add(market: Market, leg: Leg, intent: Intent): void {
    if (intent.kind === 'enter' || intent.kind === 'add') this.#entries.push({ market, leg, intent })
    else this.#effects.push(...judge(this.#state, market, leg, intent, this.#slice))
  }

  effects(): readonly Effect[] {
    const entries = this.#entries
    // Stable: of equal rank, series by key and strategies in config order go first.
    if (entries.length > 1) entries.sort((a, b) => (b.intent.rank ?? 0) - (a.intent.rank ?? 0))
    for (const { market, leg, intent } of entries)
      this.#effects.push(...judge(this.#state, market, leg, intent, this.#slice))
    return this.#effects.length === 0 ? NOTHING : this.#effects
  }
}

function judge(
  state: EngineState,
  market: Market,
  leg: Leg,
  intent: Intent,
  slice: SliceClosed | undefined,
): readonly Effect[] {
  const { time } = leg.view
  const verdict = approve(intent, riskContext(state, market, leg, time, slice))
  switch (verdict.kind) {
    case 'refused':
      return [{ kind: 'refused', time, ...nameOf(leg), reason: verdict.reason }]
    case 'take-back':
      return takeBack(state, market, leg, verdict.order, intent.reason)
    case 'approved': {
      const { order, reserve, replaces } = verdict
      const place: Effect = { kind: 'place', market, order }
      const effects = replaces && takeBack(state, market, leg, replaces, 'replaced by an exit')
      state.await(leg, order, reserve)
      return effects === undefined ? [place] : [...effects, place]
    }
  }
}

function riskContext(
  state: EngineState,
  market: Market,
  leg: Leg,
  time: number,
  slice: SliceClosed | undefined,
): RiskContext {
  return {
    strategy: leg.strategy.name,
    orderIdTail: leg.orderIdTail,
    instrument: market.instrument,
    timeframe: market.series.timeframe,
    time,
    price: fromNumber(market.close),
    position: leg.position,
    stop: leg.watch?.state().stop,
    pending: leg.pending?.order,
    equity: state.exactEquity(),
    freeCash: state.freeCash,
    stake: state.stake,
    feeRate: state.feeRate,
    mode: state.mode,
    holdBack: holdBackOf(slice, leg),
    limits: state.limits,
    exposure: side => state.exposure(market.series, side),
    trades: state.trades,
  }
}

function takeBack(state: EngineState, market: Market, leg: Leg, order: Order, reason: string): readonly Effect[] {
  state.release(leg, order.clientId)
  return [{ kind: 'canceled', market, order, reason }]
}

/** Whatever waits on the leg makes way, then the position is closed whole. */
function stepExitHit(state: EngineState, event: EngineEvent & { readonly kind: 'exit-hit' }): readonly Effect[] {
  const { leg, market, reason, price, time } = event
  return closeLeg(state, market, leg, 'protect', reason, { time, price: fromNumber(price) })
}

function closeLeg(
  state: EngineState,
  market: Market,
  leg: Leg,
  purpose: 'protect' | 'close',
  reason: string,
  at: Pick<RiskContext, 'time' | 'price'>,
): readonly Effect[] {
  const { position, pending, strategy, orderIdTail } = leg
  const effects: Effect[] = []
  if (pending !== undefined) effects.push(...takeBack(state, market, leg, pending.order, reason))
  if (position === undefined) return effects
  const context = { strategy: strategy.name, orderIdTail, instrument: market.instrument, ...at }
  const order = closingOrder(context, position, purpose, reason)
  if (order === undefined) {
    effects.push({ kind: 'refused', time: at.time, ...nameOf(leg), reason: 'below-minimum' })
    return effects
  }
  state.await(leg, order, 0n)
  effects.push({ kind: 'place', market, order })
  return effects
}

function stepCommand(state: EngineState, command: Command): readonly Effect[] {
  if (command.kind === 'set-mode') {
    state.mode = command.mode
    return NOTHING
  }
  const effects: Effect[] = []
  for (const market of state.markets) {
    if (market.series.symbol !== command.symbol || market.cursor.row < 0) continue
    // It comes while a candle forms: the open of that one was before, and is no price to be had any more.
    const forming = nextBarOpen(market.series.timeframe, market.frame.timeAt(market.cursor.row))
    const at = { time: forming, price: fromNumber(market.close) }
    for (const leg of market.legs)
      // Asked for twice, it is on its way already.
      if (leg.pending?.order.purpose !== 'close')
        effects.push(...closeLeg(state, market, leg, 'close', 'closed by command', at))
  }
  return effects
}
