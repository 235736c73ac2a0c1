const FIRST_MS = 250
const LONGEST_MS = 10_000

/** How long to leave a server alone that does not take anything: doubles with each failure, up to ten seconds. */
export class BackOff {
  readonly #random: () => number
  #nextMs = FIRST_MS

  /** @param random from 0 to 1: bots that lost the same server must not come back as one. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** @param retryAfterMs what the server asked for. @returns ms; at least half of what it may be. */
  next(retryAfterMs: number): number {
    const waitMs = this.#nextMs * (0.5 + 0.5 * this.#random())
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_MS)
    return Math.max(waitMs, retryAfterMs)
  }

  reset(): void {
    this.#nextMs = FIRST_MS
  }
}
