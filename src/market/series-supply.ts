import type { Clock } from '../domain/clock.ts'
import { TallowError } from '../domain/errors.ts'
import type { SeriesId } from '../domain/series.ts'
import { barsBefore, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from '../frame/candle-frame.ts'
import type { BarScheduler } from './bar-scheduler.ts'
import type { CandleStore } from './candle-store.ts'
import type { FeedEvent } from './feed-events.ts'
import type { Asker } from './fetch-scheduler.ts'
import type { Fetcher } from './fetcher.ts'
import type { SeriesIntake } from './series-intake.ts'
import type { Watched } from './stale-watch.ts'

/** What all series of a feed have in common. */
export interface SupplyContext {
  readonly clock: Clock
  readonly bars: BarScheduler
  readonly fetcher: Fetcher
  readonly store: CandleStore
  readonly signal: AbortSignal
  readonly pendingRowsMax: number
  /** Whether the exchange trades the symbol, as far as it is known without asking. */
  readonly isTraded: (symbol: string) => boolean
  readonly tell: (event: FeedEvent) => void
  /** Rows whose slice had been sealed before they came. */
  readonly storeLate: (series: SeriesId, late: CandleFrame) => void
  /** Something became known of this series. */
  readonly onNews: (supply: SeriesSupply) => void
  /** Whether there are no others to compare it with. */
  readonly isOnlyOne: boolean
  /** When any series was answered last, exchange time. */
  lastAnswerAt: number
}

/** A series that is refused so often in a row, and for so long, while others are answered is no longer traded; exchange ms. */
const REFUSALS_MAX = 3
const REFUSED_FOR_MS = 600_000

/** Keeps one series supplied: from what an earlier run has stored, then from the exchange, one request at a time. */
export class SeriesSupply implements Asker, Watched {
  readonly intake: SeriesIntake
  readonly #context: SupplyContext
  #stored = true
  #refusals = 0
  #refusedSince = 0
  #toldDelisted = false

  constructor(intake: SeriesIntake, context: SupplyContext) {
    this.intake = intake
    this.#context = context
  }

  get key(): string {
    return this.intake.key
  }

  get timeframe(): Timeframe {
    return this.intake.series.timeframe
  }

  lastClose(): number {
    return this.intake.frontier
  }

  isGone(): boolean {
    return this.intake.delisted !== undefined
  }

  dueAt(): number {
    if (this.intake.pendingRows >= this.#context.pendingRowsMax) return Number.POSITIVE_INFINITY
    if (this.#stored) return Number.NEGATIVE_INFINITY
    return this.intake.dueAt(this.#context.bars.lastClose(this.timeframe))
  }

  async ask(): Promise<void> {
    if (this.#stored) this.#preload()
    else await this.#fetch()
    this.#context.onNews(this)
  }

  /** Rows that an earlier run has stored need not be asked for again. */
  #preload(): void {
    const { store, bars, pendingRowsMax } = this.#context
    const { series, frontier } = this.intake
    const to = Math.min(barsBefore(series.timeframe, frontier, -pendingRowsMax), bars.lastClose(series.timeframe))
    const rows = store.read(series, frontier, to)
    this.intake.preload(rows)
    this.#stored = rows.length > 0
  }

  async #fetch(): Promise<void> {
    const { intake } = this
    const { clock, bars, fetcher, signal } = this.#context
    const { series } = intake
    const askedAt = clock.now()
    const ask = intake.ask(bars.lastClose(series.timeframe), askedAt)
    try {
      const answer = await fetcher.fetch(series, ask.since, ask.limit, signal)
      this.#context.lastAnswerAt = clock.now()
      this.#refusals = 0
      this.#takeIn(intake.answered(ask, answer, clock.now()), answer.defects)
    } catch (error) {
      if (signal.aborted) throw error
      if (!(error instanceof TallowError) || error.kind === 'bug') throw error
      this.#failed(error, askedAt)
    }
  }

  #takeIn({ late, gaps, revised }: ReturnType<SeriesIntake['answered']>, defects: FetchDefects): void {
    const { key: series, intake } = this
    const { tell, storeLate, isTraded } = this.#context
    if (defects.length > 0) tell({ kind: 'refused-row', series, rows: defects })
    for (const gap of gaps) tell({ kind: 'gap', series, ...gap })
    for (const revision of revised) tell({ kind: 'revised', series, ...revision })
    if (late.length > 0) storeLate(intake.series, late)
    if (intake.isSilent && !isTraded(intake.series.symbol)) this.#delist('the exchange lists it as not traded')
    else this.#relist()
  }

  #failed(error: TallowError, askedAt: number): void {
    const { intake } = this
    const { clock, bars, tell } = this.#context
    const lastClose = bars.lastClose(this.timeframe)
    intake.failed(askedAt, clock.now(), this.#context.lastAnswerAt >= Math.min(askedAt, lastClose))
    tell({ kind: 'fetch-failed', series: this.key, error, failures: intake.failures })
    this.#refusals = error.kind === 'never-retry' ? this.#refusals + 1 : 0
    if (this.#refusals <= 1) this.#refusedSince = askedAt
    const isLasting = this.#refusals >= REFUSALS_MAX && clock.now() - this.#refusedSince >= REFUSED_FOR_MS
    // Where all are refused it is not this symbol that is the matter.
    const isAlone = this.#context.isOnlyOne || intake.failuresAlone >= REFUSALS_MAX
    if (isLasting && isAlone) this.#delist(error.message)
  }

  #delist(reason: string): void {
    if (this.#toldDelisted) return
    this.#toldDelisted = true
    this.intake.delist(reason)
    this.#context.tell({ kind: 'delisted', series: this.key, reason })
  }

  /** It was told to be gone, and has brought rows. */
  #relist(): void {
    if (!this.#toldDelisted || this.intake.delisted !== undefined) return
    this.#toldDelisted = false
    this.#context.tell({ kind: 'delisted', series: this.key, reason: undefined })
  }
}

type FetchDefects = Extract<FeedEvent, { readonly kind: 'refused-row' }>['rows']
