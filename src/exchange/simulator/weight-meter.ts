/** What the exchange answers to one more request of an address. */
export type Toll =
  | { readonly kind: 'pass'; readonly usedWeight: number }
  | { readonly kind: 'refused'; readonly status: 429 | 418; readonly usedWeight: number; readonly retryAfterMs: number }

const MINUTE_MS = 60_000
/** So many requests in spite of a 429 turn it into a ban. */
const REFUSALS_BEFORE_BAN = 10
const BAN_MS = 2 * MINUTE_MS

/** Counts request weight per exchange minute, as Binance does: 429 over the limit, 418 for who does not listen. */
export class WeightMeter {
  readonly #limit: number
  #minute = Number.NaN
  #used = 0
  #refusals = 0
  #bannedUntil = 0

  constructor(weightPerMinute: number) {
    this.#limit = weightPerMinute
  }

  get limit(): number {
    return this.#limit
  }

  get bannedUntil(): number {
    return this.#bannedUntil
  }

  take(now: number, weight: number): Toll {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#used = 0
      this.#refusals = 0
    }
    if (now < this.#bannedUntil) return this.#refuse(418, this.#bannedUntil - now)
    this.#used += weight
    if (this.#used <= this.#limit) return { kind: 'pass', usedWeight: this.#used }
    this.#refusals++
    if (this.#refusals <= REFUSALS_BEFORE_BAN) return this.#refuse(429, (minute + 1) * MINUTE_MS - now)
    this.#bannedUntil = now + BAN_MS
    return this.#refuse(418, BAN_MS)
  }

  #refuse(status: 429 | 418, retryAfterMs: number): Toll {
    return { kind: 'refused', status, usedWeight: this.#used, retryAfterMs }
  }
}
