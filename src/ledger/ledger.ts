import type { Decimal } from '../domain/money.ts'
import type { Fill } from '../domain/fill.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import type { ExitState } from '../domain/exit-plan.ts'
import type { LegName } from '../domain/leg-name.ts'
import type { Position, Trade } from '../domain/position.ts'
import type { TradingMode } from '../domain/trading-mode.ts'

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
  /** Open time of the first row of each series, by series key; of one that has no row yet, from when on rows count. */
  readonly origins: Readonly<Record<string, number>>
  /** First instant (close of a slice, UTC ms) at which strategies decide. */
  readonly decidesFrom: number
}

export type LedgerEntry =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'order-status'; readonly clientId: string; readonly status: OrderStatus; readonly reason: string }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'trade'; readonly trade: Trade }
  /**
   * What a leg holds after the entries before it; in the commit of the fills that made it so, and behind them. Without a
   * fill only what protects it may be new.
   */
  | ({ readonly kind: 'position' } & HeldPosition)
  /** A leg holds nothing after the entries before it. */
  | { readonly kind: 'flat'; readonly of: LegName }
  /** Cash after the entries before it; behind the fills that moved it. Without a fill it is what it was. */
  | { readonly kind: 'cash'; readonly cash: Decimal }
  /** One per slice; `time` is the instant of the slice (its candles' close). */
  | { readonly kind: 'equity'; readonly time: number; readonly equity: number; readonly cash: Decimal }
  | ({ readonly kind: 'refusal'; readonly time: number; readonly reason: string } & LegName)
  | ({ readonly kind: 'decision' } & Decision)
  /** What the owner lets the bot do from now on. */
  | ({ readonly kind: 'mode' } & ModeChange)

/** A position with what protects it. */
export interface HeldPosition {
  readonly of: LegName
  readonly position: Position
  readonly exits: ExitState | undefined
}

/**
 * What a strategy decided at the close of a candle and what became of it; recorded when it differs from what the leg
 * decided at the candle before.
 */
export interface Decision extends LegName {
  /** Open time of the candle, UTC ms. */
  readonly time: number
  /** `order`: it became one. `refused`: risk said no. `none`: the strategy wants nothing (any more). */
  readonly outcome: 'order' | 'refused' | 'none'
  /** The strategy's reason of an order, the refusal's of a refusal, else empty. */
  readonly reason: string
  /** What the strategy saw: its columns, by name, and the close. What is not finite is left out. */
  readonly values: Readonly<Record<string, number>>
}

export interface ModeChange {
  readonly mode: TradingMode
  /** Who or what asked for it, for people: `asked for`, `3 restarts in 10 minutes`. */
  readonly reason: string
  /** This machine's time, UTC ms. */
  readonly at: number
}

/** What a start finds of earlier runs of the same bot. */
export interface LedgerState {
  /** Cash that the account started with; undefined for a new ledger. */
  readonly initialCash: Decimal | undefined
  /** Cash after the last commit; undefined for a new ledger. */
  readonly cash: Decimal | undefined
  /** What was held after the last commit, in the order in which it was first entered. */
  readonly positions: readonly HeldPosition[]
  /** Orders that were open when the last run ended, in the order in which they were placed. */
  readonly openOrders: readonly Order[]
  /** Instant of the last committed slice. */
  readonly lastSlice: number | undefined
  readonly lastManifest: RunManifest | undefined
  readonly runs: number
  /** What the owner last asked for; undefined when nobody ever did. */
  readonly mode: ModeChange | undefined
}

/** A strategy did what ends a run: it blocked the loop, or threw. */
export interface StrategyFault {
  readonly strategy: string
  /** Of its source: a fault says nothing about a file that was changed since. */
  readonly hash: string
  readonly kind: 'blocked' | 'threw'
  /** What and where, for people. */
  readonly message: string
  /** This machine's time, UTC ms. */
  readonly at: number
}

/** The start of a run, and its end when it stopped in good order. This machine's time, UTC ms. */
export interface RunSpan {
  readonly startedAt: number
  readonly endedAt: number | undefined
}

export interface RunRecord extends RunSpan {
  readonly bot: string
  readonly manifest: RunManifest
}

export interface RunFilter {
  /** All bots of the file when absent. */
  readonly bot?: string
  /** Newest so many. */
  readonly last?: number
}

export interface TradeFilter {
  /** All bots of the file when absent. */
  readonly bot?: string
  readonly strategy?: string
  readonly symbol?: string
  /** Newest so many, oldest first. */
  readonly last?: number
}

export interface OrderFilter {
  /** All bots of the file when absent. */
  readonly bot?: string
  readonly symbol?: string
  /** Only those that still rest. */
  readonly open?: boolean
  /** Newest so many. */
  readonly last?: number
}

export interface OrderRecord {
  readonly bot: string
  readonly order: Order
  readonly status: OrderStatus
  /** Why it was canceled or rejected; else empty. */
  readonly statusReason: string
  /** Its newest fill; undefined while there is none. */
  readonly fill: Fill | undefined
}

export interface AccountRecord {
  readonly bot: string
  readonly initialCash: Decimal
  readonly cash: Decimal
  readonly positions: readonly HeldPosition[]
  /** At the last slice; undefined before the first. */
  readonly equity: { readonly time: number; readonly equity: number } | undefined
  readonly mode: ModeChange | undefined
}

export interface DecisionFilter {
  readonly bot?: string
  readonly symbol: string
  /** Open times, UTC ms, both ends included. */
  readonly from: number
  readonly to: number
}

export interface EquityFilter {
  readonly bot?: string
  /** Instants, UTC ms, both ends included. */
  readonly from: number
  readonly to: number
}

/** What an account was worth at the instant of a slice. */
export interface EquityPoint {
  readonly bot: string
  readonly time: number
  readonly equity: number
}

/** How long commits take, for the health check; average and slowest are over the last 64. */
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
  /** Round trips whose last exit fell in a candle that opened at `sinceMs` or later, oldest first: what protections look at. */
  tradesSince(sinceMs: number): readonly Trade[]
  /** Runs of this bot that started at `sinceMs` (this machine's time) or later, oldest first. */
  runsSince(sinceMs: number): readonly RunSpan[]
  /** Records what a strategy did, on disk when it returns. The newest thousand are kept. */
  recordFault(fault: StrategyFault): void
  /** Faults of this bot since `sinceMs`, in the order in which they were recorded. */
  faultsSince(sinceMs: number): readonly StrategyFault[]
  /** Removes this bot's decisions older than `beforeMs` (open time of their candle). */
  pruneDecisions(beforeMs: number): void
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
   * @throws bug when a fill, order, trade or slice is there already, an entry names an order that this bot does not have,
   *   a fill comes without the position and the cash after it, or one of these changes without a fill.
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
  /** Empty when it was counted before exchanges were told apart. */
  readonly exchange: string
  readonly symbol: string
  readonly reason: string
  readonly count: number
}

/** What a reader may ask, of all bots of the file, also while the daemon writes. */
export interface LedgerReader {
  trades(filter?: TradeFilter): readonly Trade[]
  /** Newest so many, oldest first, with what became of them. */
  orders(filter?: OrderFilter): readonly OrderRecord[]
  /** What each bot holds, with its cash, newest equity and mode; by bot name. */
  accounts(): readonly AccountRecord[]
  /** Newest so many, oldest first. */
  runs(filter?: RunFilter): readonly RunRecord[]
  /** Oldest first. */
  decisions(filter: DecisionFilter): readonly (Decision & { readonly bot: string })[]
  /** Oldest first. Where there is none, no slice was decided on. */
  equity(filter: EquityFilter): readonly EquityPoint[]
  /** Oldest day first; days long past are pruned. */
  refusals(): readonly RefusalCount[]
  /** Of the daemon that runs, or was killed last: there is one per file. */
  heartbeat(): { readonly at: number; readonly document: string } | undefined
  close(): void
}
