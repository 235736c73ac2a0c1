import { badInput, TallowError } from '../domain/errors.ts'
import type { Fill } from '../domain/fill.ts'
import type { Intent } from '../domain/intent.ts'
import { fromNumber } from '../domain/money.ts'
import { approve } from '../risk/approve.ts'
import { bookFill } from './book-fill.ts'
import { NOTHING, type Effect, type EngineEvent, type SliceClosed } from './events.ts'
import type { Leg } from './leg.ts'
import type { Market } from './market.ts'
import type { EngineState } from './state.ts'

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
  let all = NOTHING
  for (let index = 0; index < candles.length; index++) {
    const { market, row } = candles[index]!
    const effects = stepCandle(state, market, row)
    if (effects !== NOTHING) all = all === NOTHING ? effects : [...all, ...effects]
  }
  return all
}

/** The candle case of `step`: each strategy on the market decides at the close of a row; risk answers. */
export function stepCandle(state: EngineState, market: Market, row: number): readonly Effect[] {
  market.moveTo(row)
  let effects = NOTHING
  const { legs } = market
  for (let index = 0; index < legs.length; index++) {
    const leg = legs[index]!
    if (!leg.warm) continue
    leg.view.time = market.frame.time.values[row]!
    const intent = decide(leg)
    if (intent === undefined) continue
    const effect = judge(state, market, leg, intent)
    effects = effects.length === 0 ? [effect] : [...effects, effect]
  }
  return effects
}

function decide(leg: Leg): Intent | undefined {
  let answer: unknown
  try {
    answer = leg.strategy.decide(leg.view)
  } catch (error) {
    throw strategyFailed(leg, error)
  }
  if (answer === undefined || answer === null || answer === false) return undefined
  if (isIntent(answer)) return answer
  throw badInput(`strategy ${leg.strategy.name} returned ${describe(answer)}`, {
    where: leg.strategy.file,
    hint: 'return enterLong(…), exit(…) or nothing',
  })
}

function isIntent(answer: unknown): answer is Intent {
  if (typeof answer !== 'object' || answer === null) return false
  const kind = (answer as Partial<Intent>).kind
  return kind === 'enter-long' || kind === 'exit'
}

function describe(answer: unknown): string {
  return typeof answer === 'object' ? JSON.stringify(answer) : String(answer)
}

function strategyFailed(leg: Leg, error: unknown): TallowError {
  const at = new Date(leg.view.time).toISOString()
  const said = error instanceof Error ? error.message : String(error)
  const frame = error instanceof Error ? /\((.*?:\d+:\d+)\)|at (\/.*?:\d+:\d+)/.exec(error.stack ?? '') : undefined
  return badInput(`strategy ${leg.strategy.name} failed on ${leg.market.series.symbol} at ${at}: ${said}`, {
    where: frame?.[1] ?? frame?.[2] ?? leg.strategy.file,
    cause: error,
    ...(error instanceof TallowError && error.hint !== undefined ? { hint: error.hint } : {}),
  })
}

function judge(state: EngineState, market: Market, leg: Leg, intent: Intent): Effect {
  const { strategy } = leg
  const { time } = leg.view
  const verdict = approve(intent, {
    bot: state.bot,
    strategy: strategy.name,
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
