import type { Clock } from '../../domain/clock.ts'
import { badInput } from '../../domain/errors.ts'
import { sleepUntil } from './sleep-until.ts'
import type { WallTime } from './wall-time.ts'

export interface SimulatedClockOptions {
  /** Exchange time at which it starts, UTC ms. */
  readonly startTime: number
  /** Exchange time per real time: 600 makes ten minutes of every second. */
  readonly speed: number
  /** Monotonic. */
  readonly wall: WallTime
}

/** The time of the embedded exchange: base + (monotonic wall − start) × speed, in whole ms. */
export class SimulatedClock implements Clock {
  readonly speed: number
  readonly #startTime: number
  readonly #wall: WallTime
  readonly #wallStart: number

  constructor({ startTime, speed, wall }: SimulatedClockOptions) {
    if (!(speed > 0 && speed <= 1_000_000))
      throw badInput(`speed ${speed} is out of range`, {
        hint: 'use a number above 0 and up to 1000000; 1 is real time',
      })
    this.speed = speed
    this.#startTime = startTime
    this.#wall = wall
    this.#wallStart = wall.now()
  }

  now(): number {
    return Math.floor(this.#startTime + (this.#wall.now() - this.#wallStart) * this.speed)
  }

  /** `ms` of exchange time; real timers have a grain of about 1 ms, so one wakes up to `speed` ms late. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepUntil(() => this.now(), this.now() + ms, this.speed, this.#wall, signal)
  }
}
