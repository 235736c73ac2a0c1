import type { PaperBroker } from '../broker/paper-broker.ts'
import type { Order } from '../domain/order.ts'
import type { Effect } from './events.ts'
import type { Market } from './market.ts'
import type { EngineState } from './state.ts'

/** Told of every effect, in order: a ledger, a trade list, a test. */
export interface Recorder {
  record(effect: Effect): void
}

/** Where a market order goes that has just been decided. */
export type Placement = (bot: Bot, market: Market, order: Order) => void

/** An engine with what is plugged in around it. */
export interface Bot {
  readonly state: EngineState
  readonly broker: PaperBroker
  readonly recorder: Recorder
  readonly placement: Placement
}

/** Places and takes back what an event came to, and tells the recorder. */
export function carryOut(bot: Bot, effects: readonly Effect[]): void {
  for (const effect of effects) {
    bot.recorder.record(effect)
    if (effect.kind === 'place') bot.placement(bot, effect.market, effect.order)
    else if (effect.kind === 'canceled') effect.market.book.remove(effect.order.clientId)
  }
}
