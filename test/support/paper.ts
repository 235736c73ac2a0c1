import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeriesId } from '../../src/domain/series.ts'
import type { Fill } from '../../src/domain/fill.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Trade } from '../../src/domain/position.ts'
import { createCcxtSource } from '../../src/exchange/ccxt/ccxt-source.ts'
import { WeightLimiter } from '../../src/exchange/limiter/weight-limiter.ts'
import type { PlayedSource } from '../../src/exchange/played-source.ts'
import { realSleep } from '../../src/exchange/simulator/real-time.ts'
import type { TallowError } from '../../src/domain/errors.ts'
import { startSimulator } from '../../src/exchange/simulator/simulator.ts'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import type { LedgerEntry } from '../../src/ledger/ledger.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import type { FeedEvent } from '../../src/market/feed-events.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import type { Slice } from '../../src/market/slice.ts'
import { PaperRun, type PaperRunOptions, type RunObserver } from '../../src/runtime/paper-run.ts'
import type { StartPlan } from '../../src/runtime/start-plan.ts'
import type { SliceOutcome } from '../../src/runtime/trader.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import type { AccountOptions } from '../../src/engine/state.ts'

export type Refusal = Pick<LedgerEntry & { readonly kind: 'refusal' }, 'time' | 'strategy' | 'symbol' | 'reason'>

export function refusalOf({ time, strategy, symbol, reason }: Refusal): Refusal {
  return { time, strategy, symbol, reason }
}

/** Everything a paper run committed and was told. */
export class PaperRecord implements RunObserver {
  readonly orders: Order[] = []
  readonly fills: Fill[] = []
  readonly trades: Trade[] = []
  readonly refusals: Refusal[] = []
  readonly slices: Slice[] = []
  readonly events: FeedEvent[] = []
  plan: StartPlan | undefined
  readonly #onSlice: (count: number) => void

  constructor(onSlice: (count: number) => void) {
    this.#onSlice = onSlice
  }

  started(plan: StartPlan): void {
    this.plan = plan
  }

  committed({ slice, entries }: SliceOutcome): void {
    this.#entries(entries)
    if (slice === undefined) return
    this.slices.push(slice)
    this.#onSlice(this.slices.length)
  }

  #entries(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'order') this.orders.push(entry.order)
      if (entry.kind === 'fill') this.fills.push(entry.fill)
      if (entry.kind === 'trade') this.trades.push(entry.trade)
      if (entry.kind === 'refusal') this.refusals.push(refusalOf(entry))
    }
  }

  commitFailed(error: TallowError): void {
    throw error
  }

  feedEvent(event: FeedEvent): void {
    this.events.push(event)
  }
}

export interface PaperOptions {
  readonly source: PlayedSource
  readonly strategies: readonly StrategyInstance[]
  readonly series: readonly SeriesId[]
  readonly account: AccountOptions
  readonly speed: number
  /** Slices after which it stops. */
  readonly slices: number
  readonly dataDir: string
  /** Exchange time of a first start, UTC ms. */
  readonly startTime?: number
}

/** A run on paper through real parts: embedded exchange over HTTP, ccxt, limiter, store, ledger. */
export async function paperRun(options: PaperOptions): Promise<PaperRecord> {
  const { source, dataDir, speed, series, strategies, account, slices, startTime } = options
  const simulator = await startSimulator({
    source,
    speed,
    stateFile: join(dataDir, 'exchange.json'),
    ...(startTime === undefined ? {} : { startTime }),
  })
  const limiter = new WeightLimiter({ clock: simulator.clock })
  const ccxt = await createCcxtSource({
    exchangeId: 'binance',
    name: source.exchange,
    baseUrl: simulator.url,
    onResponse: usage => {
      limiter.observe(usage)
    },
  })
  const store = CandleStore.open(join(dataDir, 'candles.db'))
  const ledger = SqliteLedger.open(join(dataDir, 'ledger.db'), { bot: account.bot })
  const enough = Promise.withResolvers<void>()
  const record = new PaperRecord(count => {
    if (count >= slices) enough.resolve()
  })
  const runOptions: PaperRunOptions = {
    strategies,
    series,
    account,
    version: 'test',
    configHash: 'test',
    limits: { settleRowsMax: 2_500, originRowsMax: 100_000 },
    decisionsKeptMs: 30 * 86_400_000,
    instruments: new Map((await ccxt.instruments()).map(instrument => [instrument.symbol, instrument])),
    source: ccxt,
    limiter,
    clock: simulator.clock,
    store,
    cache: new FrameCache(),
    ledger,
    columns: new ColumnCache(),
    observer: record,
    wallNow: () => Date.now(),
    realSleep,
    staleAfterMs: 60_000 * speed,
    // Exchange time: enough real time for a slow machine at this speed.
    lateAfterMs: 5_000 * speed,
    stalePatienceMsMin: 10_000 * speed,
  }
  try {
    const run = await PaperRun.start(runOptions, new AbortController().signal)
    await Promise.race([run.run(), enough.promise])
    await run.stop()
  } finally {
    ledger.close()
    store.close()
    await ccxt.close()
    await simulator.close()
  }
  return record
}

/** A temporary folder that goes when the test ends. */
export function temporaryFolder(test: { after(clean: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallow-'))
  test.after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
