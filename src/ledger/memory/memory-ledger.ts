import { bug } from '../../domain/errors.ts'
import type { Fill } from '../../domain/fill.ts'
import type { Decimal } from '../../domain/money.ts'
import type { Order, OrderStatus } from '../../domain/order.ts'
import type { Trade } from '../../domain/position.ts'
import { BookedFills } from '../booked-fills.ts'
import { checkRun } from '../check-run.ts'
import { CommitTimer } from '../commit-timer.ts'
import { planOf, planText } from '../exits-text.ts'
import { FAULTS_MAX } from '../fault-policy.ts'
import type {
  AccountRecord,
  Decision,
  DecisionFilter,
  EquityFilter,
  EquityPoint,
  Ledger,
  LedgerEntry,
  LedgerMetrics,
  LedgerReader,
  LedgerState,
  ModeChange,
  OrderFilter,
  OrderRecord,
  RefusalCount,
  RunFilter,
  RunManifest,
  RunRecord,
  RunSpan,
  StrategyFault,
  TradeFilter,
} from '../ledger.ts'
import { MemoryDecisions } from './memory-decisions.ts'
import { MemoryHoldings } from './memory-holdings.ts'
import { MemoryRefusals } from './memory-refusals.ts'
import { insert, type Undo } from './undo.ts'

/** A ledger that lasts as long as the object, for one bot: backtests, tests, and programs that keep no record. */
export class MemoryLedger implements Ledger, LedgerReader {
  readonly #bot: string
  readonly #orders = new Map<string, OrderRecord>()
  readonly #fills = new Map<string, Fill>()
  readonly #trades = new Map<string, Trade>()
  readonly #slices = new Map<number, number>()
  readonly #holdings: MemoryHoldings
  readonly #refusals: MemoryRefusals
  readonly #decisions: MemoryDecisions
  readonly #runs: RunRecord[] = []
  readonly #faults: StrategyFault[] = []
  readonly #timer = new CommitTimer()
  #lastSlice: AccountRecord['equity']
  #mode: ModeChange | undefined
  #heartbeat: { readonly at: number; readonly document: string } | undefined

  constructor(bot = 'tallow') {
    this.#bot = bot
    this.#holdings = new MemoryHoldings(bot)
    this.#refusals = new MemoryRefusals(bot)
    this.#decisions = new MemoryDecisions(bot)
  }

  state(): LedgerState {
    return {
      initialCash: this.#holdings.initialCash,
      cash: this.#holdings.cash,
      positions: this.#holdings.positions,
      openOrders: this.orders({ open: true }).map(({ order }) => order),
      lastSlice: this.#lastSlice?.time,
      lastManifest: this.#runs.at(-1)?.manifest,
      runs: this.#runs.length,
      mode: this.#mode,
    }
  }

  tradesSince(sinceMs: number): readonly Trade[] {
    return this.trades()
      .filter(trade => trade.exitTime >= sinceMs)
      .sort((a, b) => a.exitTime - b.exitTime)
  }

  runsSince(sinceMs: number): readonly RunSpan[] {
    return this.#runs
      .filter(run => run.startedAt >= sinceMs)
      .map(({ startedAt, endedAt }) => ({ startedAt, endedAt }))
      .sort((a, b) => a.startedAt - b.startedAt)
  }

  recordFault(fault: StrategyFault): void {
    this.#faults.push(fault)
    if (this.#faults.length > FAULTS_MAX) this.#faults.shift()
  }

  faultsSince(sinceMs: number): readonly StrategyFault[] {
    return this.#faults.filter(fault => fault.at >= sinceMs)
  }

  pruneDecisions(beforeMs: number): void {
    this.#decisions.prune(beforeMs)
  }

  beginRun(manifest: RunManifest, startedAt: number, initialCash: Decimal): void {
    checkRun(manifest, this.#bot, this.#runs.at(-1)?.manifest.mode)
    this.#holdings.openAccount(initialCash)
    this.#runs.push({ bot: this.#bot, manifest, startedAt, endedAt: undefined })
  }

  endRun(endedAt: number): void {
    const run = this.#runs.pop()
    if (run !== undefined) this.#runs.push({ ...run, endedAt })
    this.#heartbeat = undefined
  }

  commit(entries: readonly LedgerEntry[]): void {
    if (entries.length === 0) return
    const startedAt = performance.now()
    const booked = new BookedFills()
    const undo: Undo[] = []
    try {
      for (const entry of entries) undo.push(this.#write(entry, booked))
      booked.finish()
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

  trades({ bot, strategy, symbol, last }: TradeFilter = {}): readonly Trade[] {
    if (!this.#isOf(bot)) return []
    const found = [...this.#trades.values()].filter(
      trade =>
        (strategy === undefined || trade.strategy === strategy) && (symbol === undefined || trade.symbol === symbol),
    )
    return newest(found, last)
  }

  orders({ bot, symbol, open, last }: OrderFilter = {}): readonly OrderRecord[] {
    if (!this.#isOf(bot)) return []
    const found = [...this.#orders.values()].filter(
      ({ order, status }) => (symbol === undefined || order.symbol === symbol) && (open !== true || status === 'open'),
    )
    return newest(found, last)
  }

  accounts(): readonly AccountRecord[] {
    const { initialCash, cash, positions } = this.#holdings
    if (initialCash === undefined || cash === undefined) return []
    return [{ bot: this.#bot, initialCash, cash, positions, equity: this.#lastSlice, mode: this.#mode }]
  }

  runs({ bot, last }: RunFilter = {}): readonly RunRecord[] {
    return this.#isOf(bot) ? newest(this.#runs, last) : []
  }

  decisions(filter: DecisionFilter): readonly (Decision & { readonly bot: string })[] {
    return this.#isOf(filter.bot) ? this.#decisions.find(filter) : []
  }

  equity({ bot, from, to }: EquityFilter): readonly EquityPoint[] {
    if (!this.#isOf(bot)) return []
    return [...this.#slices]
      .filter(([time]) => time >= from && time <= to)
      .map(([time, equity]) => ({ bot: this.#bot, time, equity }))
      .sort((a, b) => a.time - b.time)
  }

  refusals(): readonly RefusalCount[] {
    return this.#refusals.all()
  }

  metrics(): LedgerMetrics {
    return this.#timer.metrics()
  }

  close(): void {
    // Nothing is held that outlives the object.
  }

  #isOf(bot: string | undefined): boolean {
    return bot === undefined || bot === this.#bot
  }

  /** Applies one entry and returns what takes it back. */
  #write(entry: LedgerEntry, booked: BookedFills): Undo {
    switch (entry.kind) {
      case 'order':
        return this.#place(entry.order)
      case 'order-status':
        return this.#changeStatus(entry.clientId, entry.status, entry.reason)
      case 'fill':
        booked.fill(entry.fill)
        return this.#fill(entry.fill)
      case 'trade':
        return insert(this.#trades, entry.trade.id, entry.trade, 'trade')
      case 'position':
        return this.#holdings.hold(entry, booked.position(entry.of))
      case 'flat':
        booked.flat(entry.of)
        return this.#holdings.drop(entry.of)
      case 'cash':
        return this.#holdings.setCash(entry.cash, booked.cash())
      case 'equity':
        return this.#closeSlice(entry.time, entry.equity)
      case 'refusal':
        return this.#refusals.count(entry)
      case 'decision':
        return this.#decisions.add(entry)
      case 'mode':
        return this.#setMode(entry)
    }
  }

  #place(order: Order): Undo {
    // Through text: what is kept is no longer the caller's to change.
    const kept = { ...order, exits: order.exits && planOf(planText(order.exits)) }
    const record: OrderRecord = { bot: this.#bot, order: kept, status: 'open', statusReason: '', fill: undefined }
    return insert(this.#orders, order.clientId, record, 'order')
  }

  #changeStatus(clientId: string, status: OrderStatus, reason: string): Undo {
    const found = this.#orders.get(clientId)
    if (found?.status !== 'open')
      throw bug(`order ${clientId} became ${status}, but the ledger has no open order of that id`)
    const statusReason = status === 'canceled' || status === 'rejected' ? reason : ''
    this.#orders.set(clientId, { ...found, status, statusReason })
    return () => this.#orders.set(clientId, found)
  }

  #fill(fill: Fill): Undo {
    const found = this.#orders.get(fill.clientId)
    if (found === undefined) throw bug(`a fill names order ${fill.clientId}, which is not there`)
    const undo = insert(this.#fills, `${fill.exchange} ${fill.fillId}`, fill, 'fill')
    this.#orders.set(fill.clientId, { ...found, fill })
    return () => {
      undo()
      this.#orders.set(fill.clientId, found)
    }
  }

  #closeSlice(time: number, equity: number): Undo {
    if (!Number.isFinite(equity)) throw bug(`equity is ${equity}`)
    if (this.#slices.has(time)) throw bug(`the slice of ${time} is in the ledger already`)
    const before = this.#lastSlice
    this.#slices.set(time, equity)
    if (before === undefined || before.time < time) this.#lastSlice = { time, equity }
    return () => {
      this.#slices.delete(time)
      this.#lastSlice = before
    }
  }

  #setMode({ mode, reason, at }: ModeChange): Undo {
    const before = this.#mode
    this.#mode = { mode, reason, at }
    return () => (this.#mode = before)
  }
}

/** The last so many; all without a number. */
function newest<T>(all: readonly T[], last: number | undefined): readonly T[] {
  return last === undefined ? [...all] : all.slice(Math.max(0, all.length - last))
}
