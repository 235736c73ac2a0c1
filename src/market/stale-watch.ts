import { durationMs, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'
import { Alarm } from './alarm.ts'
import type { BarScheduler } from './bar-scheduler.ts'
import { DueQueue } from './due-queue.ts'

/** A series whose candles have to keep coming. */
export interface Watched {
  readonly key: string
  readonly timeframe: Timeframe
  /** Close of its newest candle, or of the bar before the first one wanted, UTC ms. */
  lastClose(): number
  /** Whether nothing is expected of it. */
  isGone(): boolean
}

export interface StaleWatchOptions {
  readonly bars: BarScheduler
  /** Exchange time. */
  readonly now: () => number
  /** A bar may come so long after its close and be just late; exchange ms. */
  readonly lateAfterMs: number
  /** What is shorter than this is no silence: a machine's own hiccups, times its speed; exchange ms. */
  readonly patienceMsMin: number
  readonly onChange: (watched: Watched, stale: boolean) => void
  readonly onError: (error: unknown) => void
}

const PATIENCE_MS_MAX = 300_000

/**
 * Alarms when a series has brought no candle for so long that a second bar is about to be missed. It goes by time alone:
 * a feed that dies in silence gives no other sign.
 */
export class StaleWatch {
  readonly #options: StaleWatchOptions
  readonly #queue = new DueQueue<Watched>()
  readonly #stale = new Set<Watched>()
  readonly #alarm: Alarm
  #stopped = false

  constructor(options: StaleWatchOptions) {
    this.#options = options
    this.#alarm = new Alarm(options.bars, () => this.#look(), options.onError)
  }

  /** Keys, ordered. */
  get stale(): readonly string[] {
    return [...this.#stale].flatMap(watched => (watched.isGone() ? [] : [watched.key])).sort()
  }

  /** Begins; what is overdue already gets its patience from now on. */
  start(watched: readonly Watched[]): void {
    const now = this.#options.now()
    for (const each of watched)
      this.#queue.push(each, Math.max(this.#staleAt(each), now + patienceMs(each, this.#options)))
    this.#alarm.set(this.#queue.nextAt)
  }

  stop(): void {
    this.#stopped = true
    this.#alarm.clear()
  }

  /** A series has brought candles. */
  heard(watched: Watched): void {
    if (!this.#stale.has(watched) || this.#staleAt(watched) <= this.#options.now()) return
    this.#stale.delete(watched)
    this.#options.onChange(watched, false)
  }

  #look(): void {
    const { now, onChange } = this.#options
    while (!this.#stopped && this.#queue.nextAt <= now()) {
      const watched = this.#queue.pop()
      if (watched === undefined) break
      const staleAt = this.#staleAt(watched)
      if (staleAt > now()) {
        this.#queue.push(watched, staleAt)
        continue
      }
      // Looked at again a bar later: it may have come back meanwhile, and gone again.
      this.#queue.push(watched, now() + Math.max(1, patienceMs(watched, this.#options)))
      if (this.#stale.has(watched) || watched.isGone()) continue
      this.#stale.add(watched)
      onChange(watched, true)
    }
    if (!this.#stopped) this.#alarm.set(this.#queue.nextAt)
  }

  /** The bar behind the newest one has closed, and its patience is over. */
  #staleAt(watched: Watched): number {
    return nextBarOpen(watched.timeframe, watched.lastClose()) + patienceMs(watched, this.#options)
  }
}

/** Half a bar or as long as a bar may be late, but less than a bar; beyond that only where bars are very short. */
function patienceMs({ timeframe }: Watched, { lateAfterMs, patienceMsMin }: StaleWatchOptions): number {
  const barMs = durationMs(timeframe)
  return Math.max(patienceMsMin, Math.min(0.9 * barMs, Math.max(lateAfterMs, Math.min(barMs / 2, PATIENCE_MS_MAX))))
}
