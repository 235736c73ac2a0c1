import type { LineDestination, SendOutcome } from '../destinations/line-destination.ts'
import { packLines, pointsIn, unpackLines, type LineRun } from '../line-run.ts'
import type { BadLine } from '../outbox/dead-letters.ts'
import type { RequestSize } from './request-size.ts'

type Failed = SendOutcome & { readonly kind: 'failed' }

/** Requests that the search for the bad lines of one delivery may take; what is refused then is bad as a whole. */
const SEARCH_REQUESTS_MAX = 300

/**
 * Runs of lines on their way to a server, in order. What is too large is halved; what is refused is halved until the bad
 * lines stand alone. A failure in between loses nothing: `advance` goes on where it stopped.
 */
export class Delivery {
  /** What the server took, by measurement. */
  readonly sent = new Map<string, number>()
  readonly bad: BadLine[] = []
  readonly #destination: LineDestination
  readonly #size: RequestSize
  /** What is left, the next on top. */
  readonly #left: (readonly LineRun[])[] = []
  #searchesLeft = SEARCH_REQUESTS_MAX

  constructor(runs: readonly LineRun[], destination: LineDestination, size: RequestSize) {
    this.#destination = destination
    this.#size = size
    if (runs.length > 0) this.#left.push(runs)
  }

  /** Sends until all is through. @returns undefined then; else why it stopped. */
  async advance(signal: AbortSignal): Promise<Failed | undefined> {
    for (let group = this.#left.at(-1); group !== undefined; group = this.#left.at(-1)) {
      const points = pointsIn(group)
      if (points > this.#size.ceiling && points > 1) {
        this.#halve(group)
        continue
      }
      const startedMs = performance.now()
      const outcome = await this.#destination.send(group, signal)
      switch (outcome.kind) {
        case 'sent':
          this.#size.took(points, performance.now() - startedMs)
          this.#take(group)
          break
        case 'failed':
          if (outcome.timedOut) this.#size.refused(points)
          return outcome
        case 'too-large':
          this.#size.refused(points)
          if (points === 1) this.#giveUp(group, outcome.reason)
          else this.#halve(group)
          break
        case 'refused':
          if (points === 1 || this.#searchesLeft-- <= 0) this.#giveUp(group, outcome.reason)
          else this.#halve(group)
          break
      }
    }
    return undefined
  }

  #take(group: readonly LineRun[]): void {
    this.#left.pop()
    for (const { measurement, points } of group) this.sent.set(measurement, (this.sent.get(measurement) ?? 0) + points)
  }

  #giveUp(group: readonly LineRun[], reason: string): void {
    this.#left.pop()
    for (const run of group)
      for (const line of unpackLines(run)) this.bad.push({ measurement: run.measurement, line, reason })
  }

  /** Between runs where there are several: what is bad is most often a measurement. */
  #halve(group: readonly LineRun[]): void {
    this.#left.pop()
    const [run] = group
    if (run === undefined) return
    const middle = Math.ceil((group.length > 1 ? group.length : run.points) / 2)
    if (group.length > 1) this.#left.push(group.slice(middle), group.slice(0, middle))
    else {
      const lines = unpackLines(run)
      this.#left.push(
        [packLines(run.measurement, lines.slice(middle))],
        [packLines(run.measurement, lines.slice(0, middle))],
      )
    }
  }
}
