import type { Candle } from '../domain/candle.ts'
import { seriesKey, type SeriesId } from '../domain/series.ts'
import { barOpen, barsBefore, barsBetween, nextBarOpen } from '../domain/timeframe.ts'
import { CandleFrame, ROW_FILLED } from '../frame/candle-frame.ts'
import { Attempts, type Patience } from './attempts.ts'
import type { FormingOpen } from './boundary.ts'
import type { FetchAnswer } from './fetcher.ts'

export interface IntakeOptions extends Patience {
  readonly rowsPerRequestMax: number
}

/** Open times `[from, to)` that rows behind them show to be missing. */
interface Hole {
  from: number
  readonly to: number
}

export interface Ask {
  readonly since: number
  /** Rows wanted. */
  readonly limit: number
  /** Whether it is the second request for a hole. */
  readonly forHole: boolean
}

type Revised = { readonly openTime: number; readonly what: 'candle' | 'open' }

export interface Ingested {
  /** Rows whose slice had been sealed before they came. */
  readonly late: CandleFrame
  /** Bars that a second request did not bring either. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly missing: number }[]
  /** Open times of rows that differ from an earlier version. */
  readonly revised: readonly Revised[]
}

export type BarState = 'present' | 'absent' | 'awaited'

/** What is known of one series: rows that wait for their slice, holes, and when to ask for what. No I/O, no timers. */
export class SeriesIntake {
  readonly series: SeriesId
  readonly key: string
  readonly #options: IntakeOptions
  readonly #rows = new Map<number, Candle>()
  /** Open times of those of them that were filled in. */
  readonly #filled = new Set<number>()
  #holes: Hole[] = []
  /** Open time of the newest row that ever came; at first of the bar before the first one wanted. */
  #lastRow: number
  /** Open time of the oldest bar whose slice is not sealed. */
  #cursor: number
  #forming: FormingOpen | undefined
  #handedOpen: FormingOpen | undefined
  /** When the newest request was sent that was answered and brought no further row; exchange time. */
  #emptyAskedAt = Number.NEGATIVE_INFINITY
  #emptyPage = false
  readonly #attempts: Attempts

  /** @param afterTime bars that close after it are wanted, UTC ms. */
  constructor(series: SeriesId, afterTime: number, options: IntakeOptions) {
    this.series = series
    this.key = seriesKey(series)
    this.#options = options
    this.#attempts = new Attempts(series.timeframe, options)
    this.#cursor = barOpen(series.timeframe, afterTime)
    this.#lastRow = barsBefore(series.timeframe, this.#cursor, 1)
  }

  /** Open time of the oldest bar whose slice is not sealed. */
  get cursor(): number {
    return this.#cursor
  }

  /** Instant at which that bar closes. */
  get cursorClose(): number {
    return this.#next(this.#cursor)
  }

  get pendingRows(): number {
    return this.#rows.size
  }

  /** Fetches that failed in a row. */
  get failures(): number {
    return this.#attempts.failures
  }

  /** Fetches that failed in a row while other series were answered. */
  get failuresAlone(): number {
    return this.#attempts.failuresAlone
  }

  /** It has been answered twice or more without a further row. */
  get isSilent(): boolean {
    return this.#attempts.misses >= 2
  }

  /** Why the exchange no longer trades it; undefined while it does, as far as is known. */
  get delisted(): string | undefined {
    return this.#attempts.delisted
  }

  /** Open time of the first bar behind the newest known row. */
  get frontier(): number {
    return this.#next(this.#lastRow)
  }

  /** What to ask for, for a series whose newest closed bar closed at `lastClose`. */
  ask(lastClose: number, now: number): Ask {
    const { rowsPerRequestMax } = this.#options
    const hole = this.#holes[0]
    if (hole && this.#holeDue(hole) <= now)
      return { since: hole.from, limit: Math.min(this.#bars(hole.from, hole.to) + 1, rowsPerRequestMax), forHole: true }
    // One more for the forming candle, and one for a bar that closes meanwhile.
    const limit = Math.max(0, this.#bars(this.frontier, lastClose)) + 2
    if (limit <= rowsPerRequestMax) return { since: this.frontier, limit, forHole: false }
    // Some exchanges answer with a window of time and not with the next rows: behind a very long gap it would stay empty.
    const since = this.#emptyPage ? barsBefore(this.series.timeframe, lastClose, rowsPerRequestMax - 2) : this.frontier
    return { since, limit: rowsPerRequestMax, forHole: false }
  }

  /** When to send the next request, or since when it is due; exchange time. */
  dueAt(lastClose: number): number {
    const { closeMarginMs } = this.#options
    const retryAt = this.#attempts.retryAt()
    const hole = this.#holes[0]
    const holeAt = hole ? Math.max(this.#holeDue(hole), retryAt) : Number.POSITIVE_INFINITY
    const closesAt = this.#next(this.frontier) + closeMarginMs
    return Math.min(holeAt, this.frontier < lastClose ? Math.max(retryAt, closesAt) : closesAt)
  }

  /** Takes in rows that are known from an earlier run; ascending, closed. */
  preload(rows: CandleFrame): void {
    for (let row = 0; row < rows.length; row++) {
      const candle = rows.candle(row)
      if (((rows.flags[row] ?? 0) & ROW_FILLED) !== 0) this.#filled.add(candle.openTime)
      this.#takeNew(candle)
    }
  }

  answered(ask: Ask, answer: FetchAnswer, now: number): Ingested {
    const suspects = this.#holes
    const late = new CandleFrame()
    const revised: Revised[] = []
    let news = 0
    for (let row = 0; row < answer.closed.length; row++) {
      const candle = answer.closed.candle(row)
      const sealed = candle.openTime < this.#cursor
      if (this.#take(candle, revised)) news++
      // Also when it is no news: the store knows whether it is the same row again or a revision.
      if (sealed) late.appendRows(answer.closed, row, row + 1)
    }
    for (const { defect, openTime } of answer.defects)
      if (defect === 'conflicting') revised.push({ openTime, what: 'candle' })
    if (answer.forming) this.#forming = answer.forming
    const gaps = this.#confirmHoles(suspects, ask, answer)
    // Only an answer without any further row says that there is none: a full page says nothing about what follows it.
    if (news === 0 && !ask.forHole) {
      this.#emptyAskedAt = answer.askedAt
      this.#emptyPage = ask.limit === this.#options.rowsPerRequestMax
    }
    this.#attempts.answered(answer.askedAt, now, news > 0 || gaps.length > 0)
    return { late, gaps, revised }
  }

  /** @param othersAnswered whether another series was answered meanwhile: then it is this series, not the exchange, that is ill. */
  failed(askedAt: number, now: number, othersAnswered: boolean): void {
    this.#attempts.failed(askedAt, now, othersAnswered)
  }

  /** The exchange refuses it for good, or says itself that it is no longer traded. It is asked about seldom from now on. */
  delist(reason: string): void {
    this.#attempts.delist(reason)
  }

  /** Whether the bar at the cursor is there, surely not there, or may still come. */
  state(): BarState {
    if (this.#rows.has(this.#cursor)) return 'present'
    const deadline = this.cursorClose + this.#options.lateAfterMs
    if (this.#attempts.givenUp(deadline)) return 'absent'
    if (this.#holes.some(({ from, to }) => this.#cursor >= from && this.#cursor < to)) return 'awaited'
    return this.#cursor <= this.#lastRow || this.#emptyAskedAt >= deadline ? 'absent' : 'awaited'
  }

  /** Whether a row is known behind the bar at the cursor. */
  get knowsLaterRow(): boolean {
    return this.#lastRow > this.#cursor
  }

  /** Whether a row is known that closes after `time`. */
  knowsRowClosingAfter(time: number): boolean {
    return this.frontier > time
  }

  /** The row at the cursor, and the open of the bar behind it if that one has traded. */
  row(): { candle: Candle; nextOpen: number | undefined; filled: boolean } | undefined {
    const candle = this.#rows.get(this.#cursor)
    if (!candle) return undefined
    const filled = this.#filled.has(this.#cursor)
    const nextTime = this.#next(this.#cursor)
    const next = this.#rows.get(nextTime)
    if (next) return { candle, nextOpen: next.volume > 0 ? next.open : undefined, filled }
    const forming = this.#forming?.openTime === nextTime ? this.#forming : undefined
    if (forming) this.#handedOpen = forming
    return { candle, nextOpen: forming?.open, filled }
  }

  /** The slice of the bar at the cursor is sealed. */
  pass(): void {
    this.#rows.delete(this.#cursor)
    this.#filled.delete(this.#cursor)
    this.#cursor = this.#next(this.#cursor)
  }

  /** Before all bars of a hole are past their deadline, a second request proves nothing. */
  #holeDue(hole: Hole): number {
    return hole.to + this.#options.lateAfterMs
  }

  /** @returns whether the row is news. */
  #take(candle: Candle, revised: Revised[]): boolean {
    const { openTime } = candle
    const hole = this.#holes.some(({ from, to }) => openTime >= from && openTime < to)
    if (openTime <= this.#lastRow && !hole) {
      const known = this.#rows.get(openTime)
      if (known && !sameCandle(known, candle)) revised.push({ openTime, what: 'candle' })
      return false
    }
    if (hole) this.#fill(openTime)
    this.#takeNew(candle)
    if (this.#handedOpen?.openTime === openTime) {
      if (this.#handedOpen.open !== candle.open) revised.push({ openTime, what: 'open' })
      this.#handedOpen = undefined
    }
    return true
  }

  #takeNew(candle: Candle): void {
    const { openTime } = candle
    if (openTime > this.#lastRow) {
      const expected = this.frontier
      if (openTime > expected) this.#holes.push({ from: expected, to: openTime })
      this.#lastRow = openTime
    }
    if (openTime >= this.#cursor) this.#rows.set(openTime, candle)
  }

  /** A row in a hole came after all. */
  #fill(openTime: number): void {
    this.#holes = this.#holes.flatMap(hole => {
      if (openTime < hole.from || openTime >= hole.to) return [hole]
      const parts = [
        { from: hole.from, to: openTime },
        { from: this.#next(openTime), to: hole.to },
      ]
      return parts.filter(part => part.from < part.to)
    })
  }

  /** Holes that were known before this answer, and that it spans without filling them, are real. */
  #confirmHoles(suspects: readonly Hole[], ask: Ask, answer: FetchAnswer): Ingested['gaps'] {
    const first = suspects[0]
    if (!first || !ask.forHole) return []
    const covered = answer.closed.length === 0 ? first.to : answer.closed.lastTime
    const isReal = (hole: Hole): boolean =>
      hole.to <= covered &&
      this.#holeDue(hole) <= answer.askedAt &&
      suspects.some(({ from, to }) => hole.from >= from && hole.to <= to)
    const real = this.#holes.filter(isReal)
    this.#holes = this.#holes.filter(hole => !isReal(hole))
    return real.map(({ from, to }) => ({ from, to, missing: this.#bars(from, to) }))
  }

  #next(openTime: number): number {
    return nextBarOpen(this.series.timeframe, openTime)
  }

  #bars(fromOpen: number, toOpen: number): number {
    return barsBetween(this.series.timeframe, fromOpen, toOpen)
  }
}

function sameCandle(a: Candle, b: Candle): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume
}
