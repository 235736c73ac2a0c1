import type { Fill } from '../domain/fill.ts'
import type { Order } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'
import type { Market } from './market.ts'

/** A market's candle that has closed: the row of its frame. */
export interface ClosedCandle {
  readonly market: Market
  readonly row: number
}

/** All candles of one instant, ordered by series key. A backtest uses one object for all its slices. */
export interface SliceClosed {
  readonly kind: 'slice-closed'
  readonly candles: readonly ClosedCandle[]
}

/** What the engine is told. */
export type EngineEvent =
  | SliceClosed
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'order-rejected'; readonly order: Order; readonly reason: string; readonly time: number }

/** What follows from an event: carried out by the driver, recorded by whoever runs it. */
export type Effect =
  | { readonly kind: 'place'; readonly market: Market; readonly order: Order }
  | { readonly kind: 'filled'; readonly fill: Fill }
  | { readonly kind: 'trade-closed'; readonly trade: Trade }
  | { readonly kind: 'rejected'; readonly order: Order; readonly reason: string }
  | {
      readonly kind: 'refused'
      readonly time: number
      readonly strategy: string
      readonly symbol: string
      readonly reason: string
    }

/** The answer of nearly every candle: shared, so that it costs nothing. */
export const NOTHING: readonly Effect[] = Object.freeze([])
