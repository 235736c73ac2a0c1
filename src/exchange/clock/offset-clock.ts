import type { Clock } from '../../domain/clock.ts'
import { sleepUntil } from './sleep-until.ts'
import type { WallTime } from './wall-time.ts'

/** A real exchange's time: the machine's plus the offset that was measured from the exchange's own answers. */
export class OffsetClock implements Clock {
  /** Exchange time − machine time, ms; negative when this machine is ahead. */
  offsetMs = 0
  readonly #wall: WallTime

  /** @param wall the machine's clock, UTC ms: not the monotonic one, which stands still while a laptop sleeps. */
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
   * Measures the offset once: the exchange's time is taken to be that of the middle of the round trip.
   * @returns the offset in ms, which is also set, and the round trip in ms: the measure is good to half of it.
   */
  async measure(
    serverTime: () => Promise<number>,
  ): Promise<{ readonly offsetMs: number; readonly roundTripMs: number }> {
    const sentAt = this.#wall.now()
    const exchangeTime = await serverTime()
    const answeredAt = this.#wall.now()
    this.offsetMs = exchangeTime - (sentAt + answeredAt) / 2
    return { offsetMs: this.offsetMs, roundTripMs: answeredAt - sentAt }
  }
}
