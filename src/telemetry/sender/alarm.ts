import type { Clock } from '../../domain/clock.ts'

/** A sleep that can be cut short. */
export class Alarm {
  readonly #clock: Clock
  #sleeping: AbortController | undefined
  #rung = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the sleep, or lets the next one not begin. */
  ring(): void {
    this.#rung = true
    this.#sleeping?.abort()
  }

  /** Resolves after so long, or when it rings; at once when it has rung since the last sleep. Never rejects. */
  async sleep(ms: number): Promise<void> {
    if (!this.#rung) {
      this.#sleeping = new AbortController()
      await this.#clock.sleep(ms, this.#sleeping.signal).catch(() => undefined)
      this.#sleeping = undefined
    }
    this.#rung = false
  }
}
