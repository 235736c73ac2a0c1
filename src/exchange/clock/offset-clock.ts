import type { Clock } from '../../domain/clock.ts'
import { sleepUntil } from './sleep-until.ts'
import type { WallTime } from './wall-time.ts'

/** How far a measure may be wrong and count as it is; what counts as closed is given longer than that. */
const ERROR_MS_MAX = 250

/** A real exchange's time: the machine's plus the offset that was measured from the exchange's own answers. */
export class OffsetClock implements Clock {
  /** Exchange time − machine time, ms; negative when this machine is ahead. */
  offsetMs = 0
  readonly #wall: WallTime
  #measured = false

  /**
   * @param wall what it counts on. The monotonic clock for an exchange whose time is measured again and again: no step of
   * the machine's time reaches it, and when it stood still (a laptop slept) it is behind, which is the safe side.
   */
  constructor(wall: WallTime) {
    this.#wall = wall
  }

  now(): number {
    return Math.round(this.#wall.now() + this.offsetMs)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepUntil(() => this.now(), this.now() + ms, 1, this.#wall, signal)
  }

  /**
   * Measures the offset once: the exchange's time is taken to be that of the middle of the round trip. Of a long one
   * nobody knows which way took how long: then it is taken to be so much earlier that this clock is ahead of the exchange's
   * by no more than a quarter of a second, however it was.
   * @param roundTripMsMax a measure that took longer is not taken over, unless it is the first.
   * @returns the offset in ms, which is also set, and the round trip in ms: the measure is good to half of it.
   */
  async measure(
    serverTime: () => Promise<number>,
    roundTripMsMax = Number.POSITIVE_INFINITY,
  ): Promise<{ readonly offsetMs: number; readonly roundTripMs: number }> {
    const sentAt = this.#wall.now()
    const exchangeTime = await serverTime()
    const answeredAt = this.#wall.now()
    const roundTripMs = answeredAt - sentAt
    const unsureMs = Math.max(0, roundTripMs / 2 - ERROR_MS_MAX)
    if (!this.#measured || roundTripMs <= roundTripMsMax)
      this.offsetMs = exchangeTime - (sentAt + answeredAt) / 2 - unsureMs
    this.#measured = true
    return { offsetMs: this.offsetMs, roundTripMs }
  }
}
