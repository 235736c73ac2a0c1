/** What is seen of the main thread at one look. Both counts are compared for equality alone: they wrap around. */
export interface Sighting {
  /** Turns of its loop so far. */
  readonly ticks: number
  /** Calls of strategies so far. */
  readonly decisions: number
  /** Whether it may stand still as long as it likes: a debugger is attached. */
  readonly excused: boolean
}

export interface Standstill {
  /** For how long the loop has not come round. */
  readonly blockedMs: number
  /** For how long of it no strategy was called anew: the age of the decision in hand, when there is one. */
  readonly decidingMs: number
}

/**
 * Tells how long the loop has stood still, from looks at its count. A look that comes far too late means that the whole
 * process stood still (SIGSTOP, a frozen container): nobody is to blame for that, and the time starts over.
 */
export class BlockDetector {
  readonly #suspendedAfterMs: number
  #last: Sighting
  #tickedAtMs: number
  #decidedAtMs: number
  #lookedAtMs: number

  /** @param nowMs monotonic, as at every look. @param suspendedAfterMs between two looks. */
  constructor(first: Sighting, nowMs: number, suspendedAfterMs: number) {
    this.#last = first
    this.#tickedAtMs = nowMs
    this.#decidedAtMs = nowMs
    this.#lookedAtMs = nowMs
    this.#suspendedAfterMs = suspendedAfterMs
  }

  look(seen: Sighting, nowMs: number): Standstill {
    const suspended = nowMs - this.#lookedAtMs > this.#suspendedAfterMs
    if (suspended || seen.excused || seen.ticks !== this.#last.ticks) {
      this.#tickedAtMs = nowMs
      this.#decidedAtMs = nowMs
    } else if (seen.decisions !== this.#last.decisions) {
      this.#decidedAtMs = nowMs
    }
    this.#last = seen
    this.#lookedAtMs = nowMs
    return { blockedMs: nowMs - this.#tickedAtMs, decidingMs: nowMs - this.#decidedAtMs }
  }
}
