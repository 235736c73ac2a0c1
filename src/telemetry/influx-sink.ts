import type { Clock } from '../domain/clock.ts'
import { InfluxServer, type InfluxServerOptions } from './influx-server.ts'
import { encodePoint } from './line-protocol.ts'
import { LineQueue } from './line-queue.ts'
import type { Point, PointSink, PointStats } from './point.ts'

export interface InfluxOptions extends InfluxServerOptions {
  /** Points a request; as many gathered points are sent at once. Default 1,000. */
  readonly batchSize?: number
  /** How long a point waits for its batch to fill. Default 5,000. */
  readonly flushIntervalMs?: number
  /** Points in memory, in flight or waiting; past it the oldest waiting ones are lost. Default 50,000. */
  readonly maxPending?: number
  /** How long a batch is tried again before it is lost. Default 120,000. */
  readonly retryForMs?: number
  /** Wait before the second attempt; doubles with each, up to 15 s. Default 500. */
  readonly retryDelayMs?: number
  /** How long `close` goes on sending. Default 10,000. */
  readonly closeTimeoutMs?: number
}

export interface InfluxSinkPorts {
  /** Real time, not the exchange's. */
  readonly clock: Clock
  /** Told of points that are lost, once a batch at most, for the log. */
  readonly onLoss?: (lost: number, reason: string) => void
}

const RETRY_DELAY_MS_MAX = 15_000
/** Requests that the search for the bad lines of one refused batch may take. */
const SEARCH_REQUESTS_MAX = 200

const TIME_WAS_UP = 'the time for closing was up'

/** Gathers points in bounded memory and sends them in order, one awaited batch at a time. */
export class InfluxSink implements PointSink {
  readonly #server: InfluxServer
  readonly #clock: Clock
  readonly #onLoss: (lost: number, reason: string) => void
  readonly #batchSize: number
  readonly #flushIntervalMs: number
  readonly #maxPending: number
  readonly #retryForMs: number
  readonly #retryDelayMs: number
  readonly #closeTimeoutMs: number
  readonly #queue = new LineQueue()
  readonly #stop = new AbortController()
  #sending: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #timerRuns = false
  /** Points are numbered as they are accepted: all below `#dueBefore` go out without waiting for a full batch. */
  #dueBefore = 0
  #accepted = 0
  /** Points that have left the queue. */
  #taken = 0
  #inFlight = 0
  #inFlightFrom = 0
  #sent = 0
  #lost = 0
  #refused = 0
  #unreported = 0
  /** What the server, or the way to it, said last. */
  #lastFailure: string | undefined
  #lossReason = ''
  #lastError: string | undefined

  /** Opens no connection: the first batch does. @throws bad input on options that cannot work. */
  constructor(options: InfluxOptions, ports: InfluxSinkPorts) {
    this.#flushIntervalMs = options.flushIntervalMs ?? 5_000
    this.#maxPending = options.maxPending ?? 50_000
    this.#batchSize = Math.min(options.batchSize ?? 1_000, this.#maxPending)
    this.#retryForMs = options.retryForMs ?? 120_000
    this.#retryDelayMs = options.retryDelayMs ?? 500
    this.#closeTimeoutMs = options.closeTimeoutMs ?? 10_000
    this.#server = new InfluxServer(options, this.#batchSize)
    this.#clock = ports.clock
    this.#onLoss = ports.onLoss ?? (() => undefined)
  }

  write(point: Point): void {
    const line = encodeSafely(point)
    if (line === undefined) {
      this.#refused++
      return
    }
    this.#accepted++
    if (this.#closing) {
      this.#lose(1, 'the point came after the close')
      return
    }
    if (this.#queue.length + this.#inFlight >= this.#maxPending) this.#dropOldest()
    this.#queue.push(line)
    if (this.#queue.length >= this.#batchSize) void this.#pump()
    else this.#startTimer()
  }

  async flush(): Promise<void> {
    const target = this.#taken + this.#queue.length
    this.#dueBefore = target
    while (this.#unsettledFrom() < target && !this.#stop.signal.aborted) await this.#pump()
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  stats(): PointStats {
    return {
      accepted: this.#accepted,
      sent: this.#sent,
      pending: this.#queue.length + this.#inFlight,
      lost: this.#lost,
      refused: this.#refused,
      lastError: this.#lastError,
    }
  }

  async #finish(): Promise<void> {
    const flushed = new AbortController()
    const timeUp = this.#clock.sleep(this.#closeTimeoutMs, flushed.signal).catch(() => undefined)
    await Promise.race([this.flush(), timeUp])
    flushed.abort()
    this.#stop.abort()
    this.#server.close()
    await this.#sending
    const left = this.#queue.length
    this.#queue.take(left)
    if (left > 0) this.#lose(left, this.#lastFailure ?? TIME_WAS_UP)
    this.#reportLosses()
  }

  /** The number of the first point that is neither sent nor lost. */
  #unsettledFrom(): number {
    return this.#inFlight > 0 ? this.#inFlightFrom : this.#taken
  }

  #startTimer(): void {
    if (this.#timerRuns) return
    this.#timerRuns = true
    const onTime = (): void => {
      this.#timerRuns = false
      void this.flush()
    }
    this.#clock.sleep(this.#flushIntervalMs, this.#stop.signal).then(onTime, () => undefined)
  }

  /** Sends batch after batch while any is due; resolves when the one on its way is settled. */
  #pump(): Promise<void> {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = undefined
      const due = this.#queue.length >= this.#batchSize || (this.#queue.length > 0 && this.#taken < this.#dueBefore)
      if (due && !this.#stop.signal.aborted) void this.#pump()
    })
    return this.#sending
  }

  async #sendBatch(): Promise<void> {
    this.#inFlightFrom = this.#taken
    const lines = this.#queue.take(this.#batchSize)
    this.#taken += lines.length
    this.#inFlight = lines.length
    const search = { requestsLeft: SEARCH_REQUESTS_MAX }
    await this.#deliver(lines, this.#clock.now() + this.#retryForMs, search)
    this.#inFlight = 0
    this.#reportLosses()
  }

  /** Ends with every line counted as sent or lost. */
  async #deliver(lines: readonly string[], giveUpAt: number, search: { requestsLeft: number }): Promise<void> {
    for (let delayMs = this.#retryDelayMs; ; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX)) {
      const outcome = await this.#server.send(lines, this.#stop.signal)
      if (outcome.kind === 'sent') {
        this.#settle(lines.length)
        this.#sent += lines.length
        return
      }
      const { aborted } = this.#stop.signal
      // A request that the close cut off says nothing; what failed before does.
      const reason = aborted ? (this.#lastFailure ?? TIME_WAS_UP) : outcome.reason
      this.#lastFailure = reason
      this.#lastError = reason
      if (outcome.kind === 'refused') return this.#searchBadLines(lines, giveUpAt, search, reason)
      const waitMs = Math.max(delayMs, outcome.retryAfterMs)
      if (aborted || this.#clock.now() + waitMs > giveUpAt) {
        this.#settle(lines.length)
        this.#lose(lines.length, reason)
        return
      }
      await this.#clock.sleep(waitMs, this.#stop.signal).catch(() => undefined)
    }
  }

  /** Halves a refused batch until the bad lines stand alone. Sending a good line again writes the same point again. */
  async #searchBadLines(
    lines: readonly string[],
    giveUpAt: number,
    search: { requestsLeft: number },
    reason: string,
  ): Promise<void> {
    search.requestsLeft -= 2
    if (lines.length === 1 || search.requestsLeft < 0) {
      this.#settle(lines.length)
      this.#lose(lines.length, reason)
      return
    }
    const middle = Math.ceil(lines.length / 2)
    await this.#deliver(lines.slice(0, middle), giveUpAt, search)
    await this.#deliver(lines.slice(middle), giveUpAt, search)
  }

  #settle(count: number): void {
    this.#inFlight -= count
    this.#inFlightFrom += count
  }

  #dropOldest(): void {
    if (this.#queue.length === 0) return
    this.#queue.dropOldest()
    this.#taken++
    const cause = this.#lastFailure ?? 'the server is slow'
    this.#lose(1, `more than ${this.#maxPending} points were waiting, the oldest were dropped: ${cause}`)
  }

  #lose(count: number, reason: string): void {
    this.#lost += count
    this.#unreported += count
    this.#lossReason = reason
    this.#lastError = reason
  }

  #reportLosses(): void {
    if (this.#unreported === 0) return
    const lost = this.#unreported
    this.#unreported = 0
    this.#onLoss(lost, this.#lossReason)
  }
}

/** A point from a program in plain JavaScript may be anything, and a write never throws. */
function encodeSafely(point: Point): string | undefined {
  try {
    return encodePoint(point)
  } catch {
    return undefined
  }
}
