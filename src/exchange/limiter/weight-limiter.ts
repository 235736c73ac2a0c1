import type { Clock } from '../../domain/clock.ts'
import { badInput, bug, retryLater, type TallowError } from '../../domain/errors.ts'
import type { LimiterMetrics, RequestLimiter, RequestPriority, ResponseUsage } from './request-limiter.ts'
import { RequestQueue, type WaitingRequest } from './request-queue.ts'
import { WeightWindow } from './weight-window.ts'

export interface WeightLimiterOptions {
  /** Exchange time: the exchange counts its windows on it. */
  readonly clock: Clock
  /** What the exchange allows in a window. Binance spot: 6000 a minute. */
  readonly weightPerWindow?: number
  readonly windowMs?: number
  /** Part of it that we use at most, 0..1. */
  readonly share?: number
  /** Part of the budget that only `cancel` and `exit` may use: candles must not stand between a position and its exit. */
  readonly reserveShare?: number
  readonly queueMax?: number
  /** A ban longer than this is not waited out in the queue: requests are refused with `retryAfterMs`. */
  readonly banWaitMsMax?: number
  /** A ban that an earlier run learnt of, exchange time, UTC ms. */
  readonly bannedUntil?: number
  /** Told of each new end of a ban, before anybody learns of the answer that said so; exchange time, UTC ms. Must not throw. */
  readonly onBan?: (bannedUntil: number) => void
}

const MINUTE_MS = 60_000
/** Where the exchange names no time: a 429 ends with its window, a 418 is at least two minutes, and twice as long each time. */
const BAN_MS: Readonly<Record<number, number>> = { 429: MINUTE_MS, 418: 2 * MINUTE_MS }
const BAN_MS_MAX = 3 * 24 * 60 * MINUTE_MS

/** Keeps all requests to one exchange, from one IP, below its weight budget. */
export class WeightLimiter implements RequestLimiter {
  readonly #clock: Clock
  readonly #budget: number
  readonly #commonBudget: number
  readonly #queueMax: number
  readonly #banWaitMsMax: number
  readonly #window: WeightWindow
  readonly #queue = new RequestQueue()
  readonly #onBan: (bannedUntil: number) => void
  #bannedUntil: number
  /** Bans without a named end since the last answer that was none, and until when the newest of them lasts. */
  #bansInARow = 0
  #endlessUntil = 0
  #alarm: { readonly at: number; readonly controller: AbortController } | undefined

  constructor(options: WeightLimiterOptions) {
    const { weightPerWindow = 6_000, windowMs = MINUTE_MS, share = 0.8, reserveShare = 0.1 } = options
    if (!(share > 0 && share <= 1))
      throw badInput(`limiter share ${share} is out of range`, { hint: 'use a number above 0 and up to 1' })
    if (!(reserveShare >= 0 && reserveShare < 1))
      throw badInput(`limiter reserveShare ${reserveShare} is out of range`, { hint: 'use a number from 0 to below 1' })
    this.#clock = options.clock
    this.#budget = Math.floor(weightPerWindow * share)
    this.#commonBudget = Math.floor(this.#budget * (1 - reserveShare))
    this.#queueMax = options.queueMax ?? 1_000
    this.#banWaitMsMax = options.banWaitMsMax ?? 5 * MINUTE_MS
    this.#window = new WeightWindow(windowMs)
    this.#bannedUntil = options.bannedUntil ?? 0
    this.#onBan = options.onBan ?? (() => undefined)
  }

  async run<T>(weight: number, priority: RequestPriority, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (!(weight > 0 && weight <= this.#limitFor(priority)))
      throw bug(
        `a request of weight ${weight} can never be sent: ${priority} may use ${this.#limitFor(priority)} in a window`,
      )
    const banMs = this.#bannedUntil - this.#clock.now()
    if (banMs > this.#banWaitMsMax) throw banned(banMs)
    if (this.#queue.length >= this.#queueMax)
      throw retryLater(`${this.#queue.length} requests are waiting for the exchange already`, {
        hint: 'watch fewer series, use longer timeframes, or raise the limit of the queue',
        retryAfterMs: Math.max(1_000, banMs),
      })
    const answer = Promise.withResolvers<T>()
    const request: WaitingRequest = {
      weight,
      priority,
      // The task begins in the same instant in which its weight is counted and the ban was looked at.
      start: () => answer.resolve((async () => task())()),
      reject: answer.reject,
    }
    const onAbort = (): void => this.#abandon(request, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#queue.push(request)
    this.#pump()
    try {
      return await answer.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  observe(usage: ResponseUsage): void {
    const now = this.#clock.now()
    // Only upward: what we sent stays counted, and what the exchange has counted beyond it was sent by others on this IP.
    const unknown = (usage.usedWeight ?? 0) - this.#window.used(now)
    if (unknown > 0) this.#window.add(now, unknown)
    const banMs = this.#banMs(usage)
    if (banMs === undefined) return
    const until = now + Math.min(banMs, BAN_MS_MAX)
    if (until <= this.#bannedUntil) return
    this.#bannedUntil = until
    this.#onBan(until)
    const leftMs = until - now
    if (leftMs > this.#banWaitMsMax) for (const request of this.#queue.drain()) request.reject(banned(leftMs))
    this.#pump()
  }

  /** How long nothing may be sent after this answer; undefined when it says nothing of the kind. */
  #banMs({ status, retryAfterMs }: ResponseUsage): number | undefined {
    const unnamed = BAN_MS[status]
    if (unnamed === undefined && status < 400) {
      // Only what was sent after a ban tells that it is over.
      if (this.#clock.now() >= this.#bannedUntil) this.#bansInARow = 0
      return undefined
    }
    if (unnamed === undefined || retryAfterMs !== undefined || status !== 418) return retryAfterMs ?? unnamed
    // Answers to what was on its way when the ban was told say nothing new.
    const now = this.#clock.now()
    if (now < this.#endlessUntil) return undefined
    const banMs = Math.min(BAN_MS_MAX, unnamed * 2 ** Math.min(20, this.#bansInARow++))
    this.#endlessUntil = now + banMs
    return banMs
  }

  metrics(): LimiterMetrics {
    const now = this.#clock.now()
    const usedWeight = this.#window.used(now)
    const open = now < this.#bannedUntil ? 0 : 1 - usedWeight / this.#budget
    return {
      queueDepth: this.#queue.length,
      usedWeight,
      budgetWeight: this.#budget,
      headroom: Math.max(0, open),
      bannedUntil: this.#bannedUntil,
    }
  }

  #limitFor(priority: RequestPriority): number {
    return priority === 'cancel' || priority === 'exit' ? this.#budget : this.#commonBudget
  }

  /**
   * Starts what may start. Only the head of the queue is looked at: a heavy request is never overtaken for good by
   * lighter ones behind it.
   */
  #pump(): void {
    for (let head = this.#queue.peek(); head; head = this.#queue.peek()) {
      const now = this.#clock.now()
      const waitMs = Math.max(
        this.#bannedUntil - now,
        this.#window.waitMs(now, this.#limitFor(head.priority) - head.weight),
      )
      if (waitMs > 0) return this.#wakeAt(now + waitMs, waitMs)
      this.#queue.remove(head)
      this.#window.add(now, head.weight)
      head.start()
    }
    this.#alarm?.controller.abort()
    this.#alarm = undefined
  }

  #wakeAt(at: number, waitMs: number): void {
    // An alarm that rings too early does no harm: it looks again.
    if (this.#alarm && this.#alarm.at <= at) return
    this.#alarm?.controller.abort()
    const controller = new AbortController()
    const alarm = { at, controller }
    this.#alarm = alarm
    this.#clock.sleep(waitMs, controller.signal).then(
      () => {
        if (this.#alarm !== alarm) return
        this.#alarm = undefined
        this.#pump()
      },
      (error: unknown) => {
        if (controller.signal.aborted) return
        this.#alarm = undefined
        for (const request of this.#queue.drain()) request.reject(error)
      },
    )
  }

  #abandon(request: WaitingRequest, reason: unknown): void {
    if (!this.#queue.remove(request)) return
    request.reject(reason)
    this.#pump()
  }
}

function banned(banMs: number): TallowError {
  return retryLater(`the exchange has banned this address for another ${Math.ceil(banMs / 1_000)} s`, {
    hint: 'wait until the ban is over; other programs on this address count too',
    retryAfterMs: banMs,
  })
}
