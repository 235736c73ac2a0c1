import type { Fill } from '../domain/fill.ts'
import type { Intent } from '../domain/intent.ts'
import { fromNumber } from '../domain/money.ts'
import { approve } from '../risk/approve.ts'
import { bookFill } from './book-fill.ts'
import { NOTHING, type Effect, type EngineEvent, type SliceClosed } from './events.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'
import type { EngineState } from './state.ts'
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
      state.release(state.legOf(order), order.clientId)
      return [
        { kind: 'rejected', order, reason },
        { kind: 'refused', time, strategy: order.strategy, symbol: order.symbol, reason },
      ]
    }
  }
}

function stepFill(state: EngineState, fill: Fill): readonly Effect[] {
  const leg = state.legOf(fill)
  const reason = leg.pending?.order.reason ?? ''
  state.release(leg, fill.clientId)
  const { position, cashChange, trade } = bookFill(leg.position, fill, reason)
  state.cash += cashChange
  state.hold(leg, position)
  const filled: Effect = { kind: 'filled', fill }
  return trade === undefined ? [filled] : [filled, { kind: 'trade-closed', trade }]
}

function stepSlice(state: EngineState, { candles }: SliceClosed): readonly Effect[] {
  // Every close counts in everyone's equity before anyone decides.
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    market.moveTo(row)
  }
  let all = NOTHING
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    const effects = decideOn(state, market, row)
    if (effects !== NOTHING) all = all === NOTHING ? effects : [...all, ...effects]
  }
  return all
}

/** The candle case of `step` for a slice of one candle, without the slice. */
export function stepCandle(state: EngineState, market: Market, row: number): readonly Effect[] {
  market.moveTo(row)
  return decideOn(state, market, row)
}

/** Each strategy on the market decides at the close of a row; risk answers. */
function decideOn(state: EngineState, market: Market, row: number): readonly Effect[] {
  let effects = NOTHING
  const { legs } = market
  for (let index = 0; index < legs.length; index++) {
    const leg = legs[index]!
    if (!leg.warm) continue
    leg.view.time = market.frame.time.values[row]!
    const intent = decide(state, leg)
    if (intent === undefined) continue
    const effect = judge(state, market, leg, intent)
    effects = effects.length === 0 ? [effect] : [...effects, effect]
  }
  return effects
}

/**
 * Calls the strategy. No try here: it would keep the call from being inlined and cost a third of a backtest. The leg
 * that is deciding is noted instead, and whoever drives the engine asks `explainFailure`.
 */
function decide(state: EngineState, leg: Leg): Intent | undefined {
  state.deciding = leg
  const answer = leg.strategy.decide(leg.view)
  state.deciding = undefined
  return answer === undefined ? undefined : asIntent(leg, answer)
}

function judge(state: EngineState, market: Market, leg: Leg, intent: Intent): Effect {
  const { strategy } = leg
  const { time } = leg.view
  const verdict = approve(intent, {
    strategy: strategy.name,
    orderIdTail: leg.orderIdTail,
    instrument: market.instrument,
    time,
    price: fromNumber(market.close),
    position: leg.position,
    orderPending: leg.pending !== undefined,
    equity: state.exactEquity(),
    freeCash: state.freeCash,
    stake: state.stake,
    feeRate: state.feeRate,
  })
  if (verdict.kind === 'refused')
    return { kind: 'refused', time, strategy: strategy.name, symbol: market.series.symbol, reason: verdict.reason }
  state.await(leg, verdict.order, verdict.reserve)
  return { kind: 'place', market, order: verdict.order }
}
