import type { Decimal } from '../domain/money.ts'
import type { Fill } from '../domain/fill.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import type { Trade } from '../domain/position.ts'

/** What a run was made of: enough to run it again. */
export interface RunManifest {
  readonly bot: string
  readonly mode: 'paper'
  readonly version: string
  readonly strategies: readonly {
    readonly name: string
    readonly hash: string
    readonly params: Readonly<Record<string, unknown>>
  }[]
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
  | {
      readonly kind: 'refusal'
      readonly time: number
      readonly strategy: string
      readonly symbol: string
      readonly reason: string
    }

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
  /** All bots of the file when absent. */
  readonly bot?: string
  readonly strategy?: string
  readonly symbol?: string
  /** Newest so many, oldest first. */
  readonly last?: number
}

/** How long commits take, for the health check; average and slowest are over the last 256. */
export interface LedgerMetrics {
  readonly averageCommitMs: number
  readonly slowestMs: number
  /** Since this process opened the ledger. */
  readonly commits: number
}

/**
 * The record of money, opened for one bot. Bots that run one after the other may share a file: each has an account of its
 * own in it, and neither reads nor changes anything of another's.
 */
export interface Ledger {
  state(): LedgerState
  /**
   * Records the start of a run, and at the first start the account's cash; later starts keep that one.
   * @param startedAt UTC ms.
   * @throws bug when the run is of another bot than the ledger was opened for; bad input when the bot's account is of
   *   another mode.
   */
  beginRun(manifest: RunManifest, startedAt: number, initialCash: Decimal): void
  /**
   * Records that the bot's newest run stopped in good order, and takes the heartbeat away. Nothing depends on it: a run
   * that was killed has no end.
   */
  endRun(endedAt: number): void
  /**
   * All entries or none, on disk when it returns.
   * @throws bug when a fill, order, trade or slice is there already, or an entry names an order that this
   *   bot does not have.
   * @throws retry-later when the file is locked or the disk is full: nothing of it is kept.
   */
  commit(entries: readonly LedgerEntry[]): void
  /** The newest health document of the daemon, so that others can read it. */
  heartbeat(at: number, document: string): void
  metrics(): LedgerMetrics
  close(): void
}

/** How often something was refused on one UTC day. */
export interface RefusalCount {
  readonly bot: string
  /** Start of the day, UTC ms. */
  readonly day: number
  readonly strategy: string
  readonly symbol: string
  readonly reason: string
  readonly count: number
}

/** What a reader may ask, of all bots of the file, also while the daemon writes. */
export interface LedgerReader {
  trades(filter?: TradeFilter): readonly Trade[]
  /** Oldest day first; days long past are pruned. */
  refusals(): readonly RefusalCount[]
  /** Of the daemon that runs, or was killed last: there is one per file. */
  heartbeat(): { readonly at: number; readonly document: string } | undefined
  close(): void
}
