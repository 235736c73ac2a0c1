import { join } from 'node:path'
import type { RequestLimiter } from '../../src/exchange/limiter/request-limiter.ts'
import { ColumnCache } from '../../src/indicators/column-cache.ts'
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { FrameCache } from '../../src/market/frame-cache.ts'
import { PaperRun, type PaperRunOptions } from '../../src/runtime/paper-run.ts'
import type { StartPlan } from '../../src/runtime/start-plan.ts'
import type { SliceOutcome } from '../../src/runtime/trader.ts'
import type { StrategyInstance } from '../../src/strategy/instance.ts'
import { PaperRecord } from '../support/paper.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import type { Kill, Scenario } from './scenario.ts'
import { VirtualExchange } from './virtual-exchange.ts'

const DAY = 86_400_000
const unlimited: RequestLimiter = {
  run: (_weight, _priority, task) => task(),
  observe: () => undefined,
  metrics: () => ({ queueDepth: 0, usedWeight: 0, budgetWeight: 1, headroom: 1, bannedUntil: 0 }),
}
/** What comes late at the very end is waited for: the next bar has no candle any more. */
const GRACE_MS = 59_000
/** So long a kill waits for what it wants to catch. */
const PATIENCE_SLICES = 30

/** All lives of a run on paper, up to its last candle. */
export interface Lived {
  /** Of each life, in order. */
  readonly plans: readonly StartPlan[]
  readonly record: PaperRecord
  /** What hung in the air at the start of each. */
  readonly found: readonly Found[]
  /** Fills at the open of a bar that was still forming when it was decided. */
  readonly fillsAtKnownOpens: number
}

/** What a life finds in the files. */
export interface Found {
  /** Series with a candle that the ledger does not know of yet. */
  readonly candlesAhead: number
  readonly marketOrders: number
  readonly restingOrders: number
  readonly positions: number
  readonly trailedStops: number
}

/**
 * Runs a scenario through the real feed, history, trader, recovery, ledger file and candle file in virtual time. A kill
 * closes the files under the running process, which is left where it is; the next life has nothing but them. No time
 * passes between a kill and the next start.
 */
export async function liveOnPaper(scenario: Scenario, folder: string): Promise<Lived> {
  const plans: StartPlan[] = []
  const found: Found[] = []
  const kills = [...scenario.kills]
  const record = new PaperRecord(() => undefined)
  let clock = new VirtualClock(scenario.startsAt)
  const exchange = new VirtualExchange(scenario.seed, scenario.listings, clock)
  let fillsAtKnownOpens = 0
  for (;;) {
    const life = new Life(scenario, folder, exchange, clock, record, kills[0])
    found.push(life.found())
    const survived = await life.live()
    plans.push(life.plan)
    fillsAtKnownOpens += life.fillsAtKnownOpens
    if (survived) return { plans, record, found, fillsAtKnownOpens }
    kills.shift()
    clock = new VirtualClock(clock.now())
    exchange.clock = clock
  }
}

/** One process: from its start until it is killed or the candles end. */
class Life {
  readonly #scenario: Scenario
  readonly #exchange: VirtualExchange
  readonly #clock: VirtualClock
  readonly #record: PaperRecord
  readonly #kill: Kill | undefined
  readonly #ledger: SqliteLedger
  readonly #store: CandleStore
  fillsAtKnownOpens = 0
  #alive = true
  /** It has a moment left to live. */
  #doomed = false

  constructor(
    scenario: Scenario,
    folder: string,
    exchange: VirtualExchange,
    clock: VirtualClock,
    record: PaperRecord,
    kill: Kill | undefined,
  ) {
    this.#scenario = scenario
    this.#exchange = exchange
    this.#clock = clock
    this.#record = record
    this.#kill = kill
    this.#ledger = SqliteLedger.open(join(folder, 'ledger.db'), { bot: scenario.account.bot })
    this.#store = CandleStore.open(join(folder, 'candles.db'))
  }

  get plan(): StartPlan {
    const { plan } = this.#record
    if (plan === undefined) throw new Error('the run was not started')
    return plan
  }

  found(): Found {
    const { openOrders, positions, lastSlice = Number.POSITIVE_INFINITY } = this.#ledger.state()
    const marketOrders = openOrders.filter(({ type }) => type === 'market').length
    return {
      candlesAhead: this.#store.list().filter(({ to }) => to > lastSlice).length,
      marketOrders,
      restingOrders: openOrders.length - marketOrders,
      positions: positions.length,
      trailedStops: positions.filter(({ exits }) => exits?.trailed).length,
    }
  }

  /** @returns whether it lived to the last candle. */
  async live(): Promise<boolean> {
    this.#exchange.calm = true
    const run = await this.#start()
    this.#exchange.calm = false
    if (this.#isDue('commit')) this.#die()
    const stopped = run.run()
    // A process that is dead may complain that its files are closed; a living one may not.
    stopped.catch(() => undefined)
    await this.#clock.runUntil(this.#scenario.endsAt + GRACE_MS)
    if (!this.#alive) return false
    await run.stop()
    await stopped
    this.#ledger.close()
    this.#store.close()
    return true
  }

  #start(): Promise<PaperRun> {
    const { series, account, settleRowsMax, listings } = this.#scenario
    const options: PaperRunOptions = {
      strategies: this.#scenario.strategies.map(strategy => this.#mortal(strategy)),
      series,
      account,
      version: 'test',
      configHash: 'test',
      limits: { settleRowsMax, originRowsMax: 100_000 },
      decisionsKeptMs: DAY,
      instruments: new Map(listings.map(({ symbol, instrument }) => [symbol, instrument])),
      source: this.#exchange,
      limiter: unlimited,
      clock: this.#clock,
      store: this.#store,
      cache: new FrameCache(),
      ledger: this.#ledger,
      columns: new ColumnCache(),
      observer: {
        started: plan => {
          this.#record.started(plan)
        },
        committed: outcome => {
          this.#committed(outcome)
        },
        commitFailed: error => {
          this.#record.commitFailed(error)
        },
        feedEvent: event => {
          this.#record.feedEvent(event)
        },
      },
      wallNow: () => this.#clock.now(),
      realSleep: ms => this.#clock.sleep(ms),
      // A slice that waited for a candle that never came is no stale one: what was too late is decided otherwise on paper,
      // and that is right.
      staleAfterMs: 50_000,
      lateAfterMs: 10_000,
    }
    return PaperRun.start(options, new AbortController().signal)
  }

  #committed(outcome: SliceOutcome): void {
    this.#record.committed(outcome)
    for (const entry of outcome.entries)
      if (entry.kind === 'fill' && entry.fill.time === outcome.slice?.time) this.fillsAtKnownOpens++
    if (this.#isDue('commit')) this.#die()
    if (!this.#doomed && this.#isDue('later')) {
      this.#doomed = true
      void this.#clock.sleep(this.#kill?.waitMs ?? 0).then(() => {
        this.#die()
      })
    }
  }

  /** A strategy in whose middle the process may die. */
  #mortal(strategy: StrategyInstance): StrategyInstance {
    const decide = (view: object): unknown => {
      if (this.#isDue('decision')) this.#die()
      return strategy.decide(view)
    }
    return { ...strategy, decide }
  }

  #isDue(at: Kill['at']): boolean {
    const kill = this.#kill
    const after = this.#record.slices.length
    if (!this.#alive || kill?.at !== at || after < kill.slices) return false
    if (kill.once === 'anything' || after >= kill.slices + PATIENCE_SLICES) return true
    const { marketOrders, restingOrders, trailedStops } = this.found()
    const there = { 'market-order': marketOrders, 'resting-order': restingOrders, 'trailed-stop': trailedStops }
    return there[kill.once] > 0
  }

  #die(): void {
    this.#alive = false
    this.#clock.halt()
    this.#ledger.close()
    this.#store.close()
  }
}
