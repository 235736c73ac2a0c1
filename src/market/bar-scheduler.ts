import type { Clock } from '../domain/clock.ts'
import { barOpen, type Timeframe } from '../domain/timeframe.ts'

/** Longest single sleep: after a jump of the clock nobody oversleeps by more, and no timer reaches 2³¹ ms. */
const SLEEP_MAX_MS = 60_000

/**
 * When bars close, and waiting for it: on the exchange's clock and by bar time, never by counting ticks. After a
 * stall or a jump `lastClose` simply is further on, so that no bar is lost or told twice.
 */
export class BarScheduler {
  readonly #clock: Clock
  readonly #closeMarginMs: number

  /** @param closeMarginMs so long after its end a bar counts as closed, in exchange ms. */
  constructor(clock: Clock, closeMarginMs: number) {
    this.#clock = clock
    this.#closeMarginMs = closeMarginMs
  }

  /** Instant at which the newest closed bar of the timeframe closed, UTC ms. */
  lastClose(timeframe: Timeframe): number {
    return barOpen(timeframe, this.#clock.now() - this.#closeMarginMs)
  }

  /** Resolves once the clock shows `time` or later, also when timers fire early or the clock jumps. @throws the signal's reason. */
  async waitUntil(time: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const leftMs = time - this.#clock.now()
      if (leftMs <= 0) return
      await this.#clock.sleep(Math.min(leftMs, SLEEP_MAX_MS), signal)
    }
  }
}
