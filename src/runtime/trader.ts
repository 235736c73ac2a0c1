import { bug, TallowError } from '../domain/errors.ts'
import { parseSeriesKey } from '../domain/series.ts'
import type { Bot } from '../engine/bot.ts'
import { closeSlice, obey, passSlice } from '../engine/drive.ts'
import type { ClosedCandle, Command } from '../engine/events.ts'
import type { Market } from '../engine/market.ts'
import { settleAtOpen } from '../engine/settle.ts'
import { explainFailure } from '../engine/strategy-answer.ts'
import type { Ledger, LedgerEntry } from '../ledger/ledger.ts'
import { ROW_FILLED } from '../frame/candle-frame.ts'
import type { Slice } from '../market/slice.ts'
import { DecisionLog } from './decision-log.ts'
import type { EntryBuffer } from './entry-buffer.ts'

/**
 * What may be done with a slice. `fresh`: all. `stale`: it comes late, strategies may exit but not enter. `past`: newer
 * candles exist already; it is taken in, orders and levels that wait are matched with it, and nothing is decided.
 */
export type Freshness = 'fresh' | 'stale' | 'past'

/** What one slice, or one command between slices, came to. */
export interface SliceOutcome {
  /** Its instant; undefined for a command. */
  readonly slice: Slice | undefined
  readonly equity: number
  readonly freshness: Freshness
  readonly entries: readonly LedgerEntry[]
}

export interface TraderOptions {
  readonly bot: Bot
  /** The recorder that the bot was made with. */
  readonly buffer: EntryBuffer
  readonly ledger: Ledger
  /** A commit failed for a reason that may pass; it is tried again with the next. */
  readonly onCommitFailed: (error: TallowError) => void
}

/** What may wait in memory for a ledger that cannot be written: hours of an ordinary bot. */
const BACKLOG_ENTRIES_MAX = 100_000

/** Drives the engine by slices as they close and commits what follows, once per slice. */
export class Trader {
  readonly #options: TraderOptions
  readonly #markets: ReadonlyMap<string, Market>
  readonly #decisions = new DecisionLog()
  /** What could not be committed yet, oldest first. */
  #backlog: SliceOutcome[] = []
  #backlogEntries = 0

  constructor(options: TraderOptions) {
    this.#options = options
    this.#markets = new Map(options.bot.state.markets.map(market => [market.key, market]))
  }

  /** The ledger is behind: what has happened waits for it. */
  get behind(): boolean {
    return this.#backlog.length > 0
  }

  /**
   * One slice: candles into frames, fills, decisions, then fills at opens already known; all in one commit. While the
   * ledger cannot be written nothing new is entered, positions stay protected, and what happens waits for it.
   * @returns what is in the ledger now and was not before; empty while it cannot be written.
   * @throws TallowError of the strategy (`StrategyError`), or when the ledger refuses for good. The engine is then ahead
   * of the ledger: end the run, the next start recovers.
   */
  apply(slice: Slice, freshness: Freshness): readonly SliceOutcome[] {
    const { bot, buffer } = this.#options
    const closed = {
      kind: 'slice-closed',
      candles: this.#append(slice),
      ...this.#holdsEntriesBack(freshness),
      staleSymbols: new Set(slice.stale.map(key => parseSeriesKey(key).symbol)),
    } as const
    try {
      if (freshness === 'past') passSlice(bot, closed)
      else closeSlice(bot, closed)
    } catch (error) {
      throw explainFailure(bot.state, error)
    }
    const equity = bot.state.markedEquity()
    // Old slices leave a mark only when something happened in them: months of them must not cost a commit each.
    if (freshness !== 'past' || !buffer.empty)
      buffer.add({ kind: 'equity', time: slice.time, equity, cash: bot.state.cash })
    this.#settleKnownOpens(slice)
    const entries = buffer.take(bot.state)
    const paused = bot.state.mode === 'paused'
    const decided = freshness === 'past' ? [] : this.#decisions.of(closed, entries, paused)
    return this.#commit({ slice, equity, freshness, entries: [...entries, ...decided] })
  }

  /** What the owner asks for, between two slices. @throws as `apply`. */
  obey(command: Command, entries: readonly LedgerEntry[]): readonly SliceOutcome[] {
    const { bot, buffer } = this.#options
    obey(bot, command)
    for (const entry of entries) buffer.add(entry)
    return this.#commit({
      slice: undefined,
      equity: bot.state.markedEquity(),
      freshness: 'fresh',
      entries: buffer.take(bot.state),
    })
  }

  /** Tries once more what could not be committed. @throws as `apply`, and when it still cannot be. */
  flush(): readonly SliceOutcome[] {
    if (this.#backlog.length === 0) return []
    return this.#write()
  }

  #holdsEntriesBack(freshness: Freshness): { readonly holdsEntriesBack?: 'stale-data' | 'ledger-unwritable' } {
    if (this.#backlog.length > 0) return { holdsEntriesBack: 'ledger-unwritable' }
    return freshness === 'stale' ? { holdsEntriesBack: 'stale-data' } : {}
  }

  /** Candles into frames. Those that were loaded as history are there already. */
  #append(slice: Slice): readonly ClosedCandle[] {
    const candles: ClosedCandle[] = []
    for (const { key, candle, filled } of slice.candles) {
      const market = this.#marketOf(key)
      const { frame } = market
      if (candle.openTime <= frame.lastTime) continue
      frame.append(
        candle.openTime,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        filled ? ROW_FILLED : 0,
      )
      candles.push({ market, row: frame.length - 1 })
    }
    return candles
  }

  /**
   * Fills pending market orders at the opens of the bars that form now. Only when every pending market's open is known:
   * else all wait for the close, so that the order of fills is that of a backtest whatever the timing was.
   */
  #settleKnownOpens(slice: Slice): void {
    const { bot } = this.#options
    const opens = new Map<string, number>()
    for (const { key, nextOpen } of slice.candles) if (nextOpen !== undefined) opens.set(key, nextOpen)
    const pending = bot.state.markets
      .filter(market => market.book.orders.some(({ type }) => type === 'market'))
      .map(market => ({ market, open: opens.get(market.key) }))
    if (pending.some(({ open }) => open === undefined)) return
    for (const { market, open } of pending) if (open !== undefined) settleAtOpen(bot, market, open, slice.time)
  }

  #commit(outcome: SliceOutcome): readonly SliceOutcome[] {
    this.#backlog.push(outcome)
    this.#backlogEntries += outcome.entries.length
    try {
      return this.#write()
    } catch (error) {
      if (!(error instanceof TallowError) || error.kind !== 'retry-later') throw error
      if (this.#backlogEntries > BACKLOG_ENTRIES_MAX) throw error
      this.#options.onCommitFailed(error)
      return []
    }
  }

  /** All that waits, in one transaction: what is in memory is one state, not several. */
  #write(): readonly SliceOutcome[] {
    const outcomes = this.#backlog
    this.#options.ledger.commit(outcomes.flatMap(({ entries }) => entries))
    this.#backlog = []
    this.#backlogEntries = 0
    return outcomes
  }

  #marketOf(key: string): Market {
    const market = this.#markets.get(key)
    if (market === undefined) throw bug(`a slice holds ${key}, which no strategy decides on`)
    return market
  }
}
