import { bug, TallowError } from '../domain/errors.ts'
import { closeSlice, passSlice, settleAtOpen, type Bot, type Recorder } from '../engine/drive.ts'
import { explainFailure } from '../engine/strategy-answer.ts'
import type { ClosedCandle, Effect } from '../engine/events.ts'
import type { Market } from '../engine/market.ts'
import type { Ledger, LedgerEntry } from '../ledger/ledger.ts'
import type { Slice } from '../market/feed.ts'

/** Gathers what the engine does until it is committed. */
export class EntryBuffer implements Recorder {
  #entries: LedgerEntry[] = []

  record(effect: Effect): void {
    switch (effect.kind) {
      case 'place':
        this.#entries.push({ kind: 'order', order: effect.order })
        break
      case 'filled': {
        const { fill } = effect
        this.#entries.push({ kind: 'fill', fill })
        this.#entries.push({ kind: 'order-status', clientId: fill.clientId, status: 'filled', reason: '' })
        break
      }
      case 'trade-closed':
        this.#entries.push({ kind: 'trade', trade: effect.trade })
        break
      case 'rejected':
        this.#entries.push({
          kind: 'order-status',
          clientId: effect.order.clientId,
          status: 'rejected',
          reason: effect.reason,
        })
        break
      case 'refused':
        this.#entries.push({ ...effect, kind: 'refusal' })
        break
    }
  }

  add(entry: LedgerEntry): void {
    this.#entries.push(entry)
  }

  get empty(): boolean {
    return this.#entries.length === 0
  }

  take(): readonly LedgerEntry[] {
    const entries = this.#entries
    this.#entries = []
    return entries
  }
}

/** What one slice came to. */
export interface SliceOutcome {
  readonly time: number
  readonly equity: number
  /** False: its candles were taken in, but they were too old to decide on. */
  readonly decided: boolean
  readonly entries: readonly LedgerEntry[]
}

export interface TraderOptions {
  readonly bot: Bot
  /** The recorder that the bot was made with. */
  readonly buffer: EntryBuffer
  readonly ledger: Ledger
  /** Real time, for the wait before a commit is tried again. */
  readonly sleep: (ms: number) => Promise<void>
  /** A commit failed for a reason that may pass, and is tried again. */
  readonly onCommitFailed: (error: TallowError) => void
}

const COMMIT_ATTEMPTS_MAX = 8
const COMMIT_RETRY_MS = 500

/** Drives the engine by slices as they close and commits what follows, once per slice. */
export class Trader {
  readonly #options: TraderOptions
  readonly #markets: ReadonlyMap<string, Market>

  constructor(options: TraderOptions) {
    this.#options = options
    this.#markets = new Map(options.bot.state.markets.map(market => [market.key, market]))
  }

  /**
   * One slice: candles into frames, fills, decisions, then fills at opens already known; all in one commit.
   * @param fresh whether the slice may be decided on; one that is too old only fills what waited and moves columns on.
   * @throws TallowError: of the strategy, or when the ledger cannot be written in spite of retries. The engine is then
   * ahead of the ledger: end the run, the next start recovers.
   */
  async apply(slice: Slice, fresh: boolean): Promise<SliceOutcome> {
    const { bot, buffer } = this.#options
    const candles = this.#append(slice)
    const closed = { kind: 'slice-closed', candles } as const
    try {
      if (fresh) closeSlice(bot, closed)
      else passSlice(bot, closed)
    } catch (error) {
      throw explainFailure(bot.state, error)
    }
    const equity = bot.state.markedEquity()
    // Old slices leave a mark only when something happened in them: months of them must not cost a commit each.
    if (fresh || !buffer.empty) buffer.add({ kind: 'equity', time: slice.time, equity, cash: bot.state.cash })
    this.#settleKnownOpens(slice)
    return { time: slice.time, equity, decided: fresh, entries: await this.#commit() }
  }

  /** Candles into frames. Those that were loaded as history are there already. */
  #append(slice: Slice): readonly ClosedCandle[] {
    const candles: ClosedCandle[] = []
    for (const { key, candle } of slice.candles) {
      const market = this.#marketOf(key)
      const { frame } = market
      if (candle.openTime <= frame.lastTime) continue
      frame.append(candle.openTime, candle.open, candle.high, candle.low, candle.close, candle.volume)
      candles.push({ market, row: frame.length - 1 })
    }
    return candles
  }

  /**
   * Fills pending orders at the opens of the bars that form now. Only when every pending market's open is known: else
   * all wait for the close, so that the order of fills is that of a backtest whatever the timing was.
   */
  #settleKnownOpens(slice: Slice): void {
    const { bot } = this.#options
    const opens = new Map<string, number>()
    for (const { key, nextOpen } of slice.candles) if (nextOpen !== undefined) opens.set(key, nextOpen)
    const pending = bot.state.markets
      .filter(market => market.book.orders.length > 0)
      .map(market => ({ market, open: opens.get(market.key) }))
    if (pending.some(({ open }) => open === undefined)) return
    for (const { market, open } of pending) if (open !== undefined) settleAtOpen(bot, market, open, slice.time)
  }

  /** A locked file or a full disk may pass: the entries are in hand, and the next slice waits. */
  async #commit(): Promise<readonly LedgerEntry[]> {
    const { buffer, ledger, sleep, onCommitFailed } = this.#options
    const entries = buffer.take()
    if (entries.length === 0) return entries
    for (let attempt = 1; ; attempt++) {
      try {
        ledger.commit(entries)
        return entries
      } catch (error) {
        if (!(error instanceof TallowError) || error.kind !== 'retry-later' || attempt >= COMMIT_ATTEMPTS_MAX)
          throw error
        onCommitFailed(error)
        await sleep(COMMIT_RETRY_MS * attempt)
      }
    }
  }

  #marketOf(key: string): Market {
    const market = this.#markets.get(key)
    if (market === undefined) throw bug(`a slice holds ${key}, which no strategy decides on`)
    return market
  }
}
