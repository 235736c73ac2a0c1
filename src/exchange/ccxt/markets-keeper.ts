import { retryLater, TallowError } from '../../domain/errors.ts'
import type { WallTime } from '../clock/wall-time.ts'
import type { RequestLimiter, RequestPriority } from '../limiter/request-limiter.ts'
import type { Notes } from '../notes.ts'
import type { CcxtSource } from './ccxt-source.ts'
import { readMarketsFile, writeMarketsFile } from './markets-file.ts'

export interface MarketsKeeperOptions {
  readonly source: CcxtSource
  readonly limiter: Pick<RequestLimiter, 'run'>
  /** Where they are kept for the next start. */
  readonly path: string
  /** Older ones are asked for anew; ms of this machine's time. */
  readonly ageMsMax: number
  /** This machine's time, UTC ms. */
  readonly wall: WallTime
  readonly notes: Notes
  /** Those of the start have been replaced by newer ones. */
  readonly onRefreshed: () => Promise<void>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The pause after a failure doubles from a minute up to this; and they are looked at at least so often. */
const PAUSE_MS_MAX = HOUR_MS
/** Whatever age is allowed, they are asked for no more often than this in a run. */
const PAUSE_MS_MIN = HOUR_MS
/** A symbol that they do not hold may be new; it is not when they are as young as this. */
const YOUNG_MS = MINUTE_MS

/**
 * The markets of an exchange over starts and outages: taken from disk while they are young, asked for when they are not,
 * and used in spite of their age while the exchange is away.
 */
export class MarketsKeeper {
  readonly #options: MarketsKeeperOptions
  readonly #name: string
  /** When the exchange told those in use, this machine's clock, UTC ms; undefined when there are none. */
  #fetchedAt: number | undefined
  #failure: string | undefined

  constructor(options: MarketsKeeperOptions) {
    this.#options = options
    this.#name = options.source.exchange
  }

  /** Uses what an earlier run kept. What cannot be used is told, with the reason. @returns whether there was any. */
  async putBack(): Promise<boolean> {
    const { path, source, notes } = this.#options
    const found = await readMarketsFile(path, source.marketsOrigin)
    if (found.kind === 'unusable') notes.warn(`${path} is not used: ${found.reason}`)
    if (found.kind !== 'kept') return false
    try {
      source.putBackMarkets(found.value.markets)
    } catch (error) {
      notes.warn(`${path} is not used: ccxt makes no markets of it (${String(error)})`)
      return false
    }
    this.#fetchedAt = found.value.fetchedAt
    return true
  }

  /**
   * Sees to it that there are markets, young ones if it can be done.
   * @param reachable whether the exchange has just answered; when not, it is asked only where there are none.
   * @throws TallowError when there are none and it does not give any; the signal's reason.
   */
  async begin(reachable: boolean, signal: AbortSignal): Promise<void> {
    if (this.#fetchedAt !== undefined && !this.#isOld()) {
      this.#options.notes.info(`${this.#name}: markets of ${this.#told()}, not asked for again`)
      return
    }
    if (this.#fetchedAt !== undefined && !reachable) {
      this.#failed(new Error(`${this.#name} does not answer`))
      return
    }
    try {
      await this.#ask('query', signal)
    } catch (error) {
      if (this.#fetchedAt === undefined || !isPassing(error, signal)) throw error
      this.#failed(error)
    }
  }

  /**
   * Asks once more when one of the symbols is unknown: it may have been listed since.
   * @throws retry-later when one stays unknown because the exchange does not answer.
   */
  async lookUp(symbols: readonly string[], signal: AbortSignal): Promise<void> {
    const unknown = symbols.filter(symbol => !this.#options.source.trades(symbol))
    const ageMs = this.#ageMs()
    if (unknown.length === 0 || (ageMs >= 0 && ageMs < YOUNG_MS)) return
    try {
      await this.#ask('query', signal)
      await this.#options.onRefreshed()
    } catch (error) {
      if (!isPassing(error, signal)) throw error
      throw retryLater(
        `the markets of ${this.#name} as of ${this.#told()} do not hold ${unknown.join(', ')}, and it does not tell new ones: ${messageOf(error)}`,
        { hint: 'check the symbols; if they are right, try again when the exchange answers' },
      )
    }
  }

  /** Asks for them whenever they have become too old, behind everything else, until the signal is raised. */
  async keepFresh(signal: AbortSignal): Promise<void> {
    const { wall } = this.#options
    let failures = this.#failure === undefined ? 0 : 1
    while (!signal.aborted) {
      try {
        await wall.sleep(toHalfMinute(wall.now(), this.#pauseMs(failures)), signal)
        if (failures === 0 && !this.#isOld()) continue
        await this.#ask('candles', signal)
        await this.#options.onRefreshed()
        failures = 0
      } catch (error) {
        failures++
        if (!signal.aborted) this.#failed(error)
      }
    }
  }

  /** What an owner has to know for as long as it lasts: that old ones are used. */
  get trouble(): string | undefined {
    if (this.#failure === undefined || !this.#isOld()) return undefined
    return `the markets of ${this.#name} are as of ${this.#told()}, older than allowed: ${this.#failure}`
  }

  async #ask(priority: RequestPriority, signal: AbortSignal): Promise<void> {
    const { source, limiter, path, wall, notes } = this.#options
    const markets = await limiter.run(source.weights.instruments, priority, () => source.refreshMarkets(signal), signal)
    this.#fetchedAt = wall.now()
    if (this.#failure !== undefined) notes.info(`${this.#name}: its markets are up to date again`)
    this.#failure = undefined
    try {
      await writeMarketsFile(path, source.marketsOrigin, { fetchedAt: this.#fetchedAt, markets })
    } catch (error) {
      notes.warn(`the markets of ${this.#name} cannot be kept for the next start: ${messageOf(error)}`)
    }
  }

  /** Tells the first failure of a row. */
  #failed(error: unknown): void {
    const isNews = this.#failure === undefined
    this.#failure = messageOf(error)
    if (isNews)
      this.#options.notes.warn(
        `going on with the markets of ${this.#name} as of ${this.#told()}, older than allowed: ${this.#failure}`,
      )
  }

  #pauseMs(failures: number): number {
    if (failures > 0) return Math.min(PAUSE_MS_MAX, MINUTE_MS * 2 ** (failures - 1))
    const leftMs = this.#isOld() ? 0 : this.#options.ageMsMax - this.#ageMs()
    return Math.min(PAUSE_MS_MAX, Math.max(leftMs, PAUSE_MS_MIN - Math.max(0, this.#ageMs())))
  }

  /** Also when they are of the future: this machine's clock has been set back, and their age is not known. */
  #isOld(): boolean {
    const ageMs = this.#ageMs()
    return ageMs < -MINUTE_MS || ageMs >= this.#options.ageMsMax
  }

  #ageMs(): number {
    return this.#options.wall.now() - (this.#fetchedAt ?? Number.NEGATIVE_INFINITY)
  }

  #told(): string {
    const hours = Math.max(0, this.#ageMs()) / HOUR_MS
    return `${new Date(this.#fetchedAt ?? 0).toISOString()} (${hours.toFixed(1)} h old)`
  }
}

/**
 * A pause of at least `pauseMs` that ends in the middle of a minute: candles close at its ends, and making markets of
 * megabytes holds up the loop, for half a second with Binance's.
 */
function toHalfMinute(nowMs: number, pauseMs: number): number {
  const intoMinuteMs = (nowMs + pauseMs) % MINUTE_MS
  return pauseMs + ((MINUTE_MS / 2 - intoMinuteMs + MINUTE_MS) % MINUTE_MS)
}

/** What may be over soon; an abort is not among it. */
export function isPassing(error: unknown, signal: AbortSignal): boolean {
  return !signal.aborted && error instanceof TallowError && error.kind === 'retry-later'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
