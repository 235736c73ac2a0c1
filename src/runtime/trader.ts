import { bug } from '../domain/errors.ts'
import { closeSlice, settleAtOpen, type Bot, type Recorder } from '../engine/drive.ts'
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
  readonly entries: readonly LedgerEntry[]
}

/** Drives the engine by slices as they close and commits what follows, once per slice. */
export class Trader {
  readonly #bot: Bot
  readonly #buffer: EntryBuffer
  readonly #ledger: Ledger
  readonly #markets: ReadonlyMap<string, Market>

  /** @param buffer the recorder that `bot` was made with. */
  constructor(bot: Bot, buffer: EntryBuffer, ledger: Ledger) {
    this.#bot = bot
    this.#buffer = buffer
    this.#ledger = ledger
    this.#markets = new Map(bot.state.markets.map(market => [market.key, market]))
  }

  /**
   * Fills orders that a missed stretch of history would have filled: each at the first open after its decision.
   * Nothing is decided on missed candles.
   */
  catchUp(): readonly LedgerEntry[] {
    for (const market of this.#markets.values()) {
      const [oldest] = market.book.orders
      if (oldest === undefined) continue
      const row = market.frame.firstRowFrom(oldest.decidedAt + 1)
      if (row < market.frame.length)
        settleAtOpen(this.#bot, market, market.frame.candle(row).open, market.frame.timeAt(row))
    }
    return this.#commit()
  }

  /** One slice: candles into frames, fills, decisions, then fills at opens already known; all in one commit. */
  apply(slice: Slice): SliceOutcome {
    const candles = slice.candles.map(({ key, candle }): ClosedCandle => {
      const market = this.#marketOf(key)
      const { frame } = market
      if (candle.openTime <= frame.lastTime) throw bug(`${key}: candle ${candle.openTime} came after ${frame.lastTime}`)
      frame.append(candle.openTime, candle.open, candle.high, candle.low, candle.close, candle.volume)
      return { market, row: frame.length - 1 }
    })
    try {
      closeSlice(this.#bot, { kind: 'slice-closed', candles })
    } catch (error) {
      throw explainFailure(this.#bot.state, error)
    }
    const { state } = this.#bot
    const equity = state.markedEquity()
    this.#buffer.add({ kind: 'equity', time: slice.time, equity, cash: state.cash })
    this.#settleKnownOpens(slice)
    return { time: slice.time, equity, entries: this.#commit() }
  }

  /**
   * Fills pending orders at the opens of the bars that form now. Only when every pending market's open is known: else
   * all wait for the close, so that the order of fills is that of a backtest whatever the timing was.
   */
  #settleKnownOpens(slice: Slice): void {
    const opens = new Map<string, number>()
    for (const { key, nextOpen } of slice.candles) if (nextOpen !== undefined) opens.set(key, nextOpen)
    const pending = this.#bot.state.markets
      .filter(market => market.book.orders.length > 0)
      .map(market => ({ market, open: opens.get(market.key) }))
    if (pending.some(({ open }) => open === undefined)) return
    for (const { market, open } of pending) if (open !== undefined) settleAtOpen(this.#bot, market, open, slice.time)
  }

  #commit(): readonly LedgerEntry[] {
    const entries = this.#buffer.take()
    if (entries.length > 0) this.#ledger.commit(entries)
    return entries
  }

  #marketOf(key: string): Market {
    const market = this.#markets.get(key)
    if (market === undefined) throw bug(`a slice holds ${key}, which no strategy decides on`)
    return market
  }
}
