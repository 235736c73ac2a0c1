import type { Decimal } from '../domain/money.ts'
import type { Fill } from '../domain/fill.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'

/** What a run was made of: enough to run it again. */
export interface RunManifest {
  readonly bot: string
  readonly mode: 'paper'
  readonly version: string
  readonly strategies: readonly { readonly name: string; readonly hash: string; readonly params: Readonly<Record<string, unknown>> }[]
  readonly configHash: string
  /** Open time of the first row of each series, by series key. */
  readonly origins: Readonly<Record<string, number>>
  /** First instant (close of a slice, UTC ms) at which strategies decide. */
  readonly decidesFrom: number
}

export type LedgerEntry =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'order-status'; readonly clientId: string; readonly status: OrderStatus; readonly reason: string }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'trade'; readonly trade: Trade }
  /** One per slice; `time` is the instant of the slice (its candles' close). */
  | { readonly kind: 'equity'; readonly time: number; readonly equity: number; readonly cash: Decimal }
  | { readonly kind: 'refusal'; readonly time: number; readonly strategy: string; readonly symbol: string; readonly reason: string }

/** What a start finds of earlier runs of the same bot. */
export interface LedgerState {
  /** Cash that the account started with; undefined for a new ledger. */
  readonly initialCash: Decimal | undefined
  /** Every fill, in the order in which they were committed. */
  readonly fills: readonly Fill[]
  /** Orders that were open when the last run ended, in the order in which they were placed. */
  readonly openOrders: readonly Order[]
  /** The order of each entry fill is needed for its reason. */
  readonly orderReasons: ReadonlyMap<string, string>
  /** Instant of the last committed slice. */
  readonly lastSlice: number | undefined
  readonly lastManifest: RunManifest | undefined
  readonly runs: number
}

export interface TradeFilter {
  readonly strategy?: string
  readonly symbol?: string
  /** Newest so many, oldest first. */
  readonly last?: number
}

/** The record of money. One writer. */
export interface Ledger {
  state(): LedgerState
  /** Records the start of a run, and at the first start the account's cash. */
  beginRun(manifest: RunManifest, startedAt: number, initialCash: Decimal): void
  /** All entries or none, on disk when it returns. A fill that is there already is a bug upstream and throws. */
  commit(entries: readonly LedgerEntry[]): void
  /** The newest health document of the daemon, so that others can read it. */
  heartbeat(at: number, document: string): void
  close(): void
}

/** What a reader may ask, also while the daemon writes. */
export interface LedgerReader {
  trades(filter?: TradeFilter): readonly Trade[]
  heartbeat(): { readonly at: number; readonly document: string } | undefined
  close(): void
}
