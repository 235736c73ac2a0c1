import { barOpen, durationMs, nextBarOpen, type Timeframe } from '../domain/timeframe.ts'

export interface Patience {
  readonly closeMarginMs: number
  /** A bar may come so long after its close before its slice goes without it; exchange ms. */
  readonly lateAfterMs: number
  /** A failing series is waited for `lateAfterMs` × this. */
  readonly failureFactor: number
}

/** Longest pause between two requests for a bar that does not come, where bars are longer; exchange ms. */
const PAUSE_MAX_MS = 300_000
/** A market that is gone is asked about so often, in case it comes back; exchange ms. */
const DELISTED_PAUSE_MS = 3_600_000

/** How the requests for one series went, and when it makes sense to send another. No I/O, no timers. */
export class Attempts {
  readonly #timeframe: Timeframe
  readonly #patience: Patience
  /** Begin and end of the newest request. */
  #triedAt = Number.NEGATIVE_INFINITY
  #triedUntil = Number.NEGATIVE_INFINITY
  #misses = 0
  #failures = 0
  #failuresAlone = 0
  /** When those began. */
  #aloneSince = Number.NaN
  #delisted: string | undefined

  constructor(timeframe: Timeframe, patience: Patience) {
    this.#timeframe = timeframe
    this.#patience = patience
  }

  /** Requests that failed in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Requests that failed in a row while other series were answered. */
  get failuresAlone(): number {
    return this.#failuresAlone
  }

  /** Requests in a row that brought no row. */
  get misses(): number {
    return this.#misses
  }

  get delisted(): string | undefined {
    return this.#delisted
  }

  answered(askedAt: number, now: number, broughtRows: boolean): void {
    if (broughtRows) this.#delisted = undefined
    this.#misses = broughtRows ? 0 : this.#misses + 1
    this.#failures = 0
    this.#failuresAlone = 0
    this.#triedAt = askedAt
    this.#triedUntil = now
  }

  failed(askedAt: number, now: number, othersAnswered: boolean): void {
    this.#triedAt = askedAt
    this.#triedUntil = now
    this.#misses++
    this.#failures++
    this.#failuresAlone = othersAnswered ? this.#failuresAlone + 1 : 0
    if (this.#failuresAlone <= 1) this.#aloneSince = now
  }

  delist(reason: string): void {
    this.#delisted = reason
  }

  /**
   * After a miss: at the next close or at the next deadline; a series that stays silent is asked once a bar, at its
   * deadline. Before any miss there is nothing to wait for.
   */
  retryAt(): number {
    if (this.#misses === 0) return Number.NEGATIVE_INFINITY
    if (this.#delisted !== undefined) return this.#triedUntil + DELISTED_PAUSE_MS
    const { closeMarginMs, lateAfterMs, failureFactor } = this.#patience
    const timeframe = this.#timeframe
    const patient = this.#misses <= (this.#failures > 0 ? failureFactor : 1)
    const pauseMs = patient ? lateAfterMs : Math.max(lateAfterMs, Math.min(durationMs(timeframe), PAUSE_MAX_MS))
    // Of the bar that closed last, when that one is still waited for: the others' slice waits with it.
    const afterMs = this.#misses === 1 ? closeMarginMs : lateAfterMs
    const nextTry = nextBarOpen(timeframe, barOpen(timeframe, this.#triedAt - afterMs)) + afterMs
    return Math.min(this.#triedUntil + pauseMs, nextTry)
  }

  /**
   * Gone, or failing alone for so long, and also after the deadline, that the others are not to wait any more. Nor are
   * they to find that out anew with each bar: what had failed for so long when the bar closed is not waited for.
   */
  givenUp(deadline: number): boolean {
    if (this.#delisted !== undefined) return true
    if (this.#failuresAlone < 2) return false
    const { lateAfterMs, failureFactor } = this.#patience
    const givenUpAt = this.#aloneSince + lateAfterMs * failureFactor
    if (givenUpAt <= deadline - lateAfterMs) return true
    return this.#triedAt >= deadline && this.#triedUntil >= givenUpAt
  }
}
