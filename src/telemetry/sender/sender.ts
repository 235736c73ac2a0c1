import type { Clock } from '../../domain/clock.ts'
import type { LineDestination } from '../destinations/line-destination.ts'
import type { BadLine } from '../outbox/dead-letters.ts'
import type { DroppedPoints, Outbox } from '../outbox/outbox.ts'
import { Alarm } from './alarm.ts'
import { BackOff } from './back-off.ts'
import { Delivery } from './delivery.ts'
import type { RequestSize } from './request-size.ts'
import type { Shipment, Shipments } from './shipments.ts'

export interface SenderObserver {
  /** An attempt failed. @param news whether the one before did not. */
  failed(reason: string, news: boolean): void
  /** It takes lines again. */
  back(): void
  deadLetter(lines: readonly BadLine[]): void
  /** Older dead letters had to make room. */
  deadLetterFull(gone: readonly DroppedPoints[]): void
}

export interface SenderOptions {
  readonly outbox: Outbox
  readonly shipments: Shipments
  readonly destination: LineDestination
  readonly size: RequestSize
  /** Real time. */
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** How often the ledger is looked at when nobody says that there is something. */
  readonly lookEveryMs: number
  readonly observer: SenderObserver
}

interface OnItsWay extends Shipment {
  readonly delivery: Delivery
}

/** While the end is near, a server that does not answer is asked again so soon. */
const LAST_TRIES_EVERY_MS = 250

/** Sends what waits, one shipment after the other: cursor and batches move when one is through, and not before. */
export class Sender {
  readonly #options: SenderOptions
  readonly #backOff: BackOff
  readonly #alarm: Alarm
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  /** Those who wait for the next moment at which nothing is left or the server takes nothing. */
  #flushes: (() => void)[] = []
  #onItsWay: OnItsWay | undefined
  #resting = false
  #closing = false
  #away = false
  #sent = 0

  constructor(options: SenderOptions) {
    this.#options = options
    this.#backOff = new BackOff(options.random)
    this.#alarm = new Alarm(options.clock)
  }

  /** Points that the server took since the start. */
  get sent(): number {
    return this.#sent
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** There is something to send. A server that has to be left alone is left alone. */
  wake(): void {
    if (!this.#resting) this.#alarm.ring()
  }

  /** Resolves when all that waits is sent, or the server does not take it. Tries at once. */
  flush(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve()
    const flushed = new Promise<void>(resolve => this.#flushes.push(resolve))
    this.#alarm.ring()
    return flushed
  }

  /** Goes on sending for so long, then ends; resolves when nothing is on its way. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true
    this.#alarm.ring()
    const ended = new AbortController()
    const timeUp = this.#options.clock.sleep(timeoutMs, ended.signal).catch(() => undefined)
    await Promise.race([this.#running, timeUp])
    ended.abort()
    this.#stop.abort()
    this.#alarm.ring()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      // A round answers for what was there when it began.
      const flushes = this.#flushes
      const closing = this.#closing
      this.#flushes = []
      const waitMs = await this.#round()
      if (waitMs === 0) {
        this.#flushes.unshift(...flushes)
        continue
      }
      for (const flushed of flushes) flushed()
      if (closing && !this.#resting) break
      await this.#alarm.sleep(this.#closing ? LAST_TRIES_EVERY_MS : waitMs)
    }
    for (const flushed of this.#flushes.splice(0)) flushed()
  }

  /** Sends once. @returns how long to wait before the next time; 0 when there may be more. */
  async #round(): Promise<number> {
    const { outbox, shipments, size, lookEveryMs } = this.#options
    try {
      this.#onItsWay ??= this.#load(shipments.next(size.lines))
      if (this.#onItsWay === undefined) {
        this.#resting = false
        outbox.noteWaiting(false)
        outbox.shrink()
        return lookEveryMs
      }
      const failure = await this.#onItsWay.delivery.advance(this.#stop.signal)
      if (failure !== undefined) return this.#failed(failure.reason, failure.retryAfterMs)
      this.#settle(this.#onItsWay)
      this.#onItsWay = undefined
      return 0
    } catch (error) {
      // Of the outbox: what is through is noted at the next try, or sent again, which makes the same point.
      return this.#failed(`the outbox: ${error instanceof Error ? error.message : String(error)}`, 0)
    }
  }

  #load(shipment: Shipment | undefined): OnItsWay | undefined {
    const { destination, size } = this.#options
    return shipment && { ...shipment, delivery: new Delivery(shipment.runs, destination, size) }
  }

  #settle({ delivery, batches, cursors, bad }: OnItsWay): void {
    const { outbox, observer } = this.#options
    const refused = [...bad, ...delivery.bad]
    const gone = outbox.settle({ batches, cursors, sent: delivery.sent, bad: refused })
    for (const points of delivery.sent.values()) this.#sent += points
    this.#backOff.reset()
    this.#resting = false
    if (this.#away) observer.back()
    this.#away = false
    if (refused.length > 0) observer.deadLetter(refused)
    if (gone.length > 0) observer.deadLetterFull(gone)
  }

  #failed(reason: string, retryAfterMs: number): number {
    const { outbox, shipments, observer } = this.#options
    if (this.#stop.signal.aborted) return LAST_TRIES_EVERY_MS
    this.#resting = true
    observer.failed(reason, !this.#away)
    this.#away = true
    try {
      outbox.noteWaiting(shipments.ledgerWaits)
    } catch {
      // It is the outbox that fails: when it can be written again, the time is noted.
    }
    return this.#backOff.next(retryAfterMs)
  }
}
