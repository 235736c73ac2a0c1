import type { Clock } from '../../domain/clock.ts'
import type { WallTime } from '../clock/wall-time.ts'
import { writeSavedTime } from './state-file.ts'

/** How often the time is saved, real ms. */
const SAVE_EVERY_MS = 250

/**
 * Saves the exchange's time so that it never runs backwards over a restart, not even after kill -9: what is on disk is a
 * little ahead of what was answered, and an answer beyond it is given only after the file has been moved on.
 */
export class TimeKeeper {
  readonly #path: string
  readonly #fingerprint: string
  readonly #clock: Clock
  readonly #aheadMs: number
  readonly #stop = new AbortController()
  #savedMs = Number.NEGATIVE_INFINITY

  constructor(path: string, fingerprint: string, clock: Clock, speed: number) {
    this.#path = path
    this.#fingerprint = fingerprint
    this.#clock = clock
    this.#aheadMs = Math.ceil(2 * SAVE_EVERY_MS * speed)
    this.reserve(clock.now())
  }

  /** Saves now and then until it is closed. */
  async run(wall: WallTime, onError: (error: unknown) => void): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await wall.sleep(SAVE_EVERY_MS, this.#stop.signal)
        this.#save(this.#clock.now() + this.#aheadMs, false)
      } catch (error) {
        if (!this.#stop.signal.aborted) onError(error)
      }
    }
  }

  /** Before an answer that shows the exchange at `now`. @throws when the file cannot be written. */
  reserve(now: number): void {
    if (now > this.#savedMs) this.#save(now + this.#aheadMs, false)
  }

  /** Leaves the exact time behind. */
  close(): void {
    this.#stop.abort()
    this.#save(this.#clock.now(), true)
  }

  #save(timeMs: number, durable: boolean): void {
    writeSavedTime(this.#path, { fingerprint: this.#fingerprint, timeMs }, durable)
    this.#savedMs = timeMs
  }
}
