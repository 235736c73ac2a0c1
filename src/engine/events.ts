import type { HoldBack } from '../risk/approve.ts'
import type { ExitReason } from '../broker/matching/exits.ts'
import type { Fill } from '../domain/fill.ts'
import type { LegName } from '../domain/leg-name.ts'
import type { Order } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'
import type { TradingMode } from '../domain/trading-mode.ts'
import type { Leg } from './leg.ts'
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
  /** Why no entry may be made on it; exits are decided all the same. */
  readonly holdsEntriesBack?: HoldBack
  /** Symbols of which some candles fail to come: no entry may be made on them. */
  readonly staleSymbols?: ReadonlySet<string>
}

/** What the owner of the bot asks for. */
export type Command =
  | { readonly kind: 'set-mode'; readonly mode: TradingMode }
  /** Closes what is held on a symbol, at the next open. */
  | { readonly kind: 'close'; readonly symbol: string }

/** What the engine is told. Times are open times of candles, UTC ms. */
export type EngineEvent =
  | SliceClosed
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'order-rejected'; readonly order: Order; readonly reason: string; readonly time: number }
  | { readonly kind: 'order-canceled'; readonly market: Market; readonly order: Order; readonly reason: string }
  /** A level of a position's exit plan was reached, at a price. */
  | {
      readonly kind: 'exit-hit'
      readonly leg: Leg
      readonly market: Market
      readonly reason: ExitReason
      readonly price: number
      readonly time: number
    }
  | { readonly kind: 'command'; readonly command: Command }

/** What follows from an event: carried out by the driver, recorded by whoever runs it. */
export type Effect =
  | { readonly kind: 'place'; readonly market: Market; readonly order: Order }
  | { readonly kind: 'canceled'; readonly market: Market; readonly order: Order; readonly reason: string }
  | { readonly kind: 'filled'; readonly fill: Fill }
  | { readonly kind: 'trade-closed'; readonly trade: Trade }
  | { readonly kind: 'rejected'; readonly order: Order; readonly reason: string }
  | ({ readonly kind: 'refused'; readonly time: number; readonly reason: string } & LegName)

/** The answer of nearly every candle: shared, so that it costs nothing. */
export const NOTHING: readonly Effect[] = Object.freeze([])
