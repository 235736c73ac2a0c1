import type { Clock } from '../../domain/clock.ts'
import type { ResponseUsage } from '../limiter/request-limiter.ts'
import type { Notes } from '../notes.ts'
import { OffsetClock } from './offset-clock.ts'
import { readOffsetFile, writeOffsetFile, type TimeOrigin } from './offset-file.ts'
import type { WallTime } from './wall-time.ts'

export interface ExchangeTimeOptions {
  readonly origin: TimeOrigin
  /** Where the last offset is kept for the next start. */
  readonly path: string
  /** Monotonic: a step of this machine's time must not make forming candles count as closed. */
  readonly wall: WallTime
  /** This machine's time, UTC ms. */
  readonly utcNow: () => number
  readonly notes: Notes
}

const MEASURE_EVERY_MS = 60_000
/** An answer that took longer says too little about the exchange's time. */
const ROUND_TRIP_MS_MAX = 2_000
/** The kept offset is written anew when it has moved so far, or is so old. */
const MOVED_MS = 100
const KEPT_MS = 86_400_000
/** A date is cut to whole seconds; half a second more is allowed for. */
const DATE_ERROR_MS = 1_500
/** What has been asked by a clock that has gone back by more than this is asked again. */
const SET_BACK_MS = 250
/** One measure may be wrong as well: so many have to find the clock right against the dates of answers. */
const FOUND_RIGHT = 2

/** A real exchange's time: measured when it answers, else this machine's with the offset that was measured last. */
export class ExchangeTime {
  readonly clock: Clock
  readonly #clock: OffsetClock
  readonly #options: ExchangeTimeOptions
  #ask: (() => Promise<number>) | undefined
  #measured = false
  #measuring: Promise<void> | undefined
  #setBacks = 0
  /** By how much an answer's date was behind this clock, when that is too much; ms. */
  #doubtMs: number | undefined
  /** Dates that are so far behind say nothing: a measure has shown that it is them; ms. */
  #datesLagMs = 0
  /** Measures in a row that did not bear a doubt out. */
  #foundRight = 0
  #kept = { offsetMs: Number.NaN, measuredAt: Number.NEGATIVE_INFINITY }

  constructor(options: ExchangeTimeOptions) {
    this.#options = options
    this.#clock = new OffsetClock(options.wall)
    this.clock = this.#clock
    this.#goBy(0)
  }

  /** Whether the exchange has told its time in this process, or never does. */
  get isKnown(): boolean {
    return this.#measured
  }

  /** Whether an answer gave reason to believe that this clock is ahead; it is measured anew before it counts again. */
  get isDoubted(): boolean {
    return this.#doubtMs !== undefined
  }

  /** How often it turned out to be ahead. What was asked before that was asked by a wrong time. */
  get setBacks(): number {
    return this.#setBacks
  }

  /**
   * Takes notice of an answer's own date. Between two measures it is all that tells that the exchange's clock has gone
   * back, or that it lied when it was asked.
   */
  heard({ status, dateMs, tookMs = 0 }: Pick<ResponseUsage, 'status' | 'dateMs' | 'tookMs'>): void {
    // What a proxy answers in its place has the proxy's date.
    if (!this.#measured || this.#ask === undefined || status !== 200 || dateMs === undefined) return
    const aheadMs = this.#clock.now() - tookMs - dateMs - DATE_ERROR_MS
    if (aheadMs <= this.#datesLagMs) return
    if (!this.isDoubted) this.#setBacks++
    this.#doubtMs = aheadMs
  }

  /** Exchange time − this machine's, ms; undefined until it was measured. */
  offsetMs(): number | undefined {
    return this.#measured && this.#ask !== undefined ? this.#offsetNow() : undefined
  }

  /** Goes by what an earlier run measured, where there is such a file. @returns in words, what it goes by. */
  async goByKept(): Promise<string> {
    const { path, origin, notes } = this.#options
    const found = await readOffsetFile(path, origin)
    if (found.kind === 'unusable') notes.warn(`${path} is not used: ${found.reason}`)
    if (found.kind !== 'kept') return "this machine's clock"
    this.#kept = found.value
    this.#goBy(found.value.offsetMs)
    const { offsetMs, measuredAt } = found.value
    return `this machine's clock and the offset of ${offsetMs.toFixed(0)} ms measured at ${new Date(measuredAt).toISOString()}`
  }

  /** For an exchange that does not tell its time: this machine's is as good as it gets. */
  goByMachine(): void {
    this.#goBy(0)
    this.#measured = true
  }

  /** @param ask sends one request for the exchange's time, UTC ms. */
  measureBy(ask: () => Promise<number>): void {
    this.#ask = ask
  }

  /** Asks for the time, once for all who wait for it. @throws what the request fails with. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measureOnce().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  /** Measures every minute until the signal is raised. What fails is tried again a minute later. */
  async keepMeasuring(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.wall.sleep(MEASURE_EVERY_MS, signal)
        await this.measure()
      } catch {
        // The last offset holds; an exchange that does not answer is told where its candles are missed.
      }
    }
  }

  async #measureOnce(): Promise<void> {
    const { origin, notes } = this.#options
    if (this.#ask === undefined) return
    const before = this.#clock.offsetMs
    const { offsetMs, roundTripMs } = await this.#clock.measure(this.#ask, ROUND_TRIP_MS_MAX)
    this.#judge(before - offsetMs)
    const first = !this.#measured
    this.#measured = true
    if (first)
      notes.info(
        `${origin.exchange}: clock offset ${this.#offsetNow().toFixed(0)} ms, round trip ${roundTripMs.toFixed(0)} ms`,
      )
    await this.#keep()
  }

  /** What a measure has come to. */
  #judge(setBackMs: number): void {
    if (Math.abs(setBackMs) > DATE_ERROR_MS) {
      this.#datesLagMs = 0
      this.#foundRight = 0
    }
    if (setBackMs > SET_BACK_MS) this.#setBacks++
    // Measured again and again and found right: it is the dates that are wrong.
    else if (this.#doubtMs !== undefined && ++this.#foundRight >= FOUND_RIGHT) this.#datesLagMs = this.#doubtMs
    this.#doubtMs = undefined
  }

  async #keep(): Promise<void> {
    const { path, origin, utcNow, notes } = this.#options
    const now = { offsetMs: this.#offsetNow(), measuredAt: utcNow() }
    const isNear = Math.abs(now.offsetMs - this.#kept.offsetMs) <= MOVED_MS
    if (isNear && Math.abs(now.measuredAt - this.#kept.measuredAt) < KEPT_MS) return
    // Also when it cannot be written: once is enough to be told.
    this.#kept = now
    try {
      await writeOffsetFile(path, origin, now)
    } catch (error) {
      notes.warn(`the clock offset cannot be kept for the next start: ${String(error)}`)
    }
  }

  #offsetNow(): number {
    return this.#clock.now() - this.#options.utcNow()
  }

  #goBy(offsetMs: number): void {
    const { wall, utcNow } = this.#options
    this.#clock.offsetMs = utcNow() + offsetMs - wall.now()
  }
}
