import { bug } from '../../domain/errors.ts'
import type { Fill } from '../../domain/fill.ts'
import type { Decimal } from '../../domain/money.ts'
import type { Order, OrderStatus } from '../../domain/order.ts'
import type { Trade } from '../../domain/position.ts'
import { compareKeys } from '../../domain/series.ts'
import { checkRun } from '../check-run.ts'
import { CommitTimer } from '../commit-timer.ts'
import type {
  Ledger,
  LedgerEntry,
  LedgerMetrics,
  LedgerReader,
  LedgerState,
  RefusalCount,
  RunManifest,
  TradeFilter,
} from '../ledger.ts'
import { oldestRefusalDay, OTHER_REASONS, refusalDay, REFUSAL_ROWS_PER_DAY_MAX } from '../refusal-policy.ts'

/** A ledger that lasts as long as the object, for one bot: backtests, tests, and programs that keep no record. */
export class MemoryLedger implements Ledger, LedgerReader {
  readonly #bot: string
  readonly #orders = new Map<string, { readonly order: Order; status: OrderStatus }>()
  readonly #fills = new Map<string, Fill>()
  readonly #trades = new Map<string, Trade>()
  readonly #slices = new Set<number>()
  readonly #refusals = new Map<number, Map<string, RefusalCount>>()
  readonly #timer = new CommitTimer()
  #initialCash: Decimal | undefined
  #lastSlice: number | undefined
  #manifest: RunManifest | undefined
  #runs = 0
  #heartbeat: { readonly at: number; readonly document: string } | undefined

  constructor(bot = 'tallow') {
    this.#bot = bot
  }

  state(): LedgerState {
    const orders = [...this.#orders.values()]
    return {
      initialCash: this.#initialCash,
      fills: [...this.#fills.values()],
      openOrders: orders.filter(entry => entry.status === 'open').map(entry => entry.order),
      orderReasons: new Map(orders.map(({ order }) => [order.clientId, order.reason])),
      lastSlice: this.#lastSlice,
      lastManifest: this.#manifest,
      runs: this.#runs,
    }
  }

  beginRun(manifest: RunManifest, _startedAt: number, initialCash: Decimal): void {
    checkRun(manifest, this.#bot, this.#manifest?.mode)
    this.#initialCash ??= initialCash
    this.#manifest = manifest
    this.#runs++
  }

  endRun(_endedAt: number): void {
    this.#heartbeat = undefined
  }

  commit(entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) return
    const startedAt = performance.now()
    const undo: (() => void)[] = []
    try {
      for (const entry of entries) undo.push(this.#write(entry))
    } catch (error) {
      for (const step of undo.reverse()) step()
      throw error
    }
    this.#timer.add(performance.now() - startedAt)
  }

  heartbeat(): { readonly at: number; readonly document: string } | undefined
  heartbeat(at: number, document: string): void
  heartbeat(at?: number, document?: string): { readonly at: number; readonly document: string } | undefined {
    if (at !== undefined && document !== undefined) this.#heartbeat = { at, document }
    return this.#heartbeat
  }

  trades(filter: TradeFilter = {}): readonly Trade[] {
    if (filter.bot !== undefined && filter.bot !== this.#bot) return []
    const found = [...this.#trades.values()].filter(
      trade =>
        (filter.strategy === undefined || trade.strategy === filter.strategy) &&
        (filter.symbol === undefined || trade.symbol === filter.symbol),
    )
    return filter.last === undefined ? found : found.slice(Math.max(0, found.length - filter.last))
  }

  refusals(): readonly RefusalCount[] {
    const all = [...this.#refusals.values()].flatMap(day => [...day.values()])
    return all.sort(
      (a, b) =>
        a.day - b.day ||
        compareKeys(a.strategy, b.strategy) ||
        compareKeys(a.symbol, b.symbol) ||
        compareKeys(a.reason, b.reason),
    )
  }

  metrics(): LedgerMetrics {
    return this.#timer.metrics()
  }

  close(): void {
    // Nothing is held that outlives the object.
  }

  /** Applies one entry and returns what takes it back. */
  #write(entry: LedgerEntry): () => void {
    switch (entry.kind) {
      case 'order':
        return insert(this.#orders, entry.order.clientId, { order: entry.order, status: 'open' }, 'order')
      case 'order-status':
        return this.#changeStatus(entry.clientId, entry.status)
      case 'fill':
        if (!this.#orders.has(entry.fill.clientId))
          throw bug(`a fill names order ${entry.fill.clientId}, which is not there`)
        return insert(this.#fills, `${entry.fill.exchange} ${entry.fill.fillId}`, entry.fill, 'fill')
      case 'trade':
        return insert(this.#trades, entry.trade.id, entry.trade, 'trade')
      case 'equity':
        return this.#closeSlice(entry.time, entry.equity)
      case 'refusal':
        return this.#refuse(refusalDay(entry.time), entry.strategy, entry.symbol, entry.reason)
    }
  }

  #changeStatus(clientId: string, status: OrderStatus): () => void {
    const found = this.#orders.get(clientId)
    if (found?.status !== 'open')
      throw bug(`order ${clientId} became ${status}, but the ledger has no open order of that id`)
    found.status = status
    return () => (found.status = 'open')
  }

  #closeSlice(time: number, equity: number): () => void {
    if (!Number.isFinite(equity)) throw bug(`equity is ${equity}`)
    if (this.#slices.has(time)) throw bug(`the slice of ${time} is in the ledger already`)
    const before = this.#lastSlice
    this.#slices.add(time)
    this.#lastSlice = Math.max(before ?? time, time)
    return () => {
      this.#slices.delete(time)
      this.#lastSlice = before
    }
  }

  #refuse(day: number, strategy: string, symbol: string, reason: string): () => void {
    let counts = this.#refusals.get(day)
    if (counts === undefined) {
      for (const old of this.#refusals.keys()) if (old < oldestRefusalDay(day)) this.#refusals.delete(old)
      counts = new Map()
      this.#refusals.set(day, counts)
    }
    const known = counts.has(`${strategy}|${symbol}|${reason}`) || counts.size < REFUSAL_ROWS_PER_DAY_MAX
    const row = known ? { strategy, symbol, reason } : { strategy: '', symbol: '', reason: OTHER_REASONS }
    const key = `${row.strategy}|${row.symbol}|${row.reason}`
    const before = counts.get(key)
    counts.set(key, { ...row, bot: this.#bot, day, count: (before?.count ?? 0) + 1 })
    return () => {
      if (before === undefined) counts.delete(key)
      else counts.set(key, before)
    }
  }
}

function insert<V>(map: Map<string, V>, key: string, value: V, what: string): () => void {
  if (map.has(key)) throw bug(`${what} ${key} is in the ledger already`)
  map.set(key, value)
  return () => map.delete(key)
}
