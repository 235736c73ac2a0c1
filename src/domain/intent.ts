import type { ExitPlan } from './exit-plan.ts'
import type { PositionSide } from './order.ts'

/** What a strategy wants. Risk turns it into an order or a refusal. */
export type Intent = Enter | Add | Exit | Cancel

/** How an order waits: at most one of `limit` and `stop`; without both it is a market order. */
export interface Waiting {
  /** Worst price, in quote currency. */
  readonly limit?: number
  /** Price that triggers it, in quote currency. */
  readonly stop?: number
  /** Candles after which a resting order is taken back; without it, it rests until the strategy cancels it. */
  readonly goodForCandles?: number
}

/** Opens a position. */
export interface Enter extends Waiting {
  readonly kind: 'enter'
  readonly side: PositionSide
  /** In base units; overrides the stake. */
  readonly amount?: number
  /** When cash is short, the higher rank goes first; default 0. */
  readonly rank?: number
  readonly exits?: ExitPlan
  readonly reason: string
}

/** Adds to the position that is held, on its side. Its exit plan stays as it is. */
export interface Add extends Waiting {
  readonly kind: 'add'
  readonly amount?: number
  readonly rank?: number
  readonly reason: string
}

/** Closes the position, or a part of it. A resting order of the same leg is taken back first. */
export interface Exit extends Omit<Waiting, 'stop'> {
  readonly kind: 'exit'
  /** In base units; at most one of `amount` and `percent`. */
  readonly amount?: number
  /** Of what is held. */
  readonly percent?: number
  readonly reason: string
}

/** Takes a resting order back. */
export interface Cancel {
  readonly kind: 'cancel'
  readonly reason: string
}
