/**
 * Weight sent within the last `windowMs`. It slides, so no window of that length, wherever the exchange's own begins,
 * ever holds more than what was allowed at its fullest instant.
 */
export class WeightWindow {
  readonly #windowMs: number
  #times: number[] = []
  #weights: number[] = []
  #first = 0
  #used = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(now: number, weight: number): void {
    const last = this.#times.length - 1
    if (last >= this.#first && this.#times[last] === now) this.#weights[last] = (this.#weights[last] ?? 0) + weight
    else {
      this.#times.push(now)
      this.#weights.push(weight)
    }
    this.#used += weight
  }

  used(now: number): number {
    this.#forget(now)
    return this.#used
  }

  /** Ms until no more than `limit` is used, if nothing is added meanwhile. */
  waitMs(now: number, limit: number): number {
    this.#forget(now)
    let used = this.#used
    for (let index = this.#first; index < this.#times.length; index++) {
      if (used <= limit) break
      used -= this.#weights[index] ?? 0
      if (used <= limit) return (this.#times[index] ?? now) + this.#windowMs - now
    }
    return 0
  }

  #forget(now: number): void {
    this.#clampTo(now)
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? 0) + this.#windowMs <= now) {
      this.#used -= this.#weights[this.#first] ?? 0
      this.#first++
    }
    if (this.#first > 1_000 || this.#first === this.#times.length) {
      this.#times = this.#times.slice(this.#first)
      this.#weights = this.#weights.slice(this.#first)
      this.#first = 0
    }
  }

  /** After a clock that stepped back, entries from "the future" would block for as long as the step was wide. */
  #clampTo(now: number): void {
    for (let index = this.#times.length - 1; index >= this.#first && (this.#times[index] ?? 0) > now; index--)
      this.#times[index] = now
  }
}
