import type { Clock } from '../../src/domain/clock.ts'
import { retryLater } from '../../src/domain/errors.ts'
import type { Instrument } from '../../src/domain/instrument.ts'
import { barOpen, durationMs, nextBarOpen, type Timeframe } from '../../src/domain/timeframe.ts'
import type { CandleRequest, CandleSource, RawRow } from '../../src/exchange/candle-source.ts'
import type { CandleFrame } from '../../src/frame/candle-frame.ts'
import { resampleFrame } from '../../src/frame/resample-frame.ts'
import { randomFrom } from '../support/random-runs.ts'

const MINUTE = 60_000

export interface Listing {
  readonly symbol: string
  readonly instrument: Instrument
  /** All that will ever be, at one minute. */
  readonly minutes: CandleFrame
}

/** How a bar behaves; exchange ms. */
interface BarManners {
  /** From its close until the exchange shows it as closed. */
  readonly publishedAfterMs: number
  /** From its open until the exchange shows a first trade, if it trades at all. */
  readonly tradedAfterMs: number
}

/**
 * An exchange in virtual time. How late a bar is follows from the seed and its time alone, however often it is asked. It
 * shows a forming candle whose values are all wrong but the open, and that one, too,
 * before the bar has traded.
 */
export class VirtualExchange implements CandleSource {
  readonly exchange = 'virtual'
  readonly rowsPerRequestMax = 500
  /** Of the process that asks: each life has its own. */
  clock: Clock
  /** While it is calm, it answers at once and never fails: for the start of a run, which a supervisor would try again. */
  calm = true
  readonly #seed: number
  readonly #listings: readonly Listing[]
  readonly #frames = new Map<string, CandleFrame>()
  #requests = 0

  constructor(seed: number, listings: readonly Listing[], clock: Clock) {
    this.#seed = seed
    this.#listings = listings
    this.clock = clock
  }

  serverTime(): Promise<number> {
    return Promise.resolve(this.clock.now())
  }

  instruments(): Promise<readonly Instrument[]> {
    return Promise.resolve(this.#listings.map(({ instrument }) => instrument))
  }

  async fetchCandles(request: CandleRequest, signal?: AbortSignal): Promise<readonly RawRow[]> {
    if (!this.calm) {
      const random = randomFrom(this.#seed + ++this.#requests * 7_919)
      if (random() < 0.2) await this.clock.sleep(Math.floor(random() * 400), signal)
      if (random() < 0.02 || this.#isAway(request.symbol)) throw retryLater('the virtual exchange is busy')
    }
    return this.#rows(request, this.clock.now())
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** For a symbol, some minutes begin with seconds in which all fails: longer than a request is tried again. */
  #isAway(symbol: string): boolean {
    const now = this.clock.now()
    const minute = Math.floor(now / MINUTE)
    return now - minute * MINUTE < 5_000 && randomFrom(this.#seed * 13 + minute * 89 + symbol.charCodeAt(0))() < 0.02
  }

  #rows({ symbol, timeframe, since, limit }: CandleRequest, now: number): RawRow[] {
    const rows: RawRow[] = []
    const frame = this.#frame(symbol, timeframe)
    const forming = barOpen(timeframe, now)
    for (let row = frame.firstRowFrom(since); row < frame.length && rows.length < limit; row++) {
      const { openTime, open, high, low, close, volume } = frame.candle(row)
      if (openTime > forming) break
      const { publishedAfterMs, tradedAfterMs } = this.#manners(symbol, openTime)
      if (openTime < forming) {
        if (now >= nextBarOpen(timeframe, openTime) + publishedAfterMs)
          rows.push([openTime, open, high, low, close, volume])
      } else if (volume > 0 && now >= openTime + tradedAfterMs) rows.push([openTime, open, open * 2, open / 2, open, 1])
      else rows.push([openTime, open * 1.5, open * 1.5, open * 1.5, open * 1.5, 0])
    }
    return rows
  }

  #manners(symbol: string, openTime: number): BarManners {
    const random = randomFrom(this.#seed + (openTime / MINUTE) * 97 + symbol.charCodeAt(0) * 10_007)
    const late = random()
    const quiet = random()
    return {
      // Never as late as the feed waits: a slice without a candle that came later is decided otherwise, and rightly so.
      publishedAfterMs: late < 0.8 ? 0 : random() * (late < 0.95 ? 3_000 : 9_500),
      tradedAfterMs: quiet < 0.6 ? random() * 400 : quiet < 0.85 ? random() * MINUTE : durationMs('1d'),
    }
  }

  #frame(symbol: string, timeframe: Timeframe): CandleFrame {
    const key = `${symbol} ${timeframe}`
    const known = this.#frames.get(key)
    if (known !== undefined) return known
    const listing = this.#listings.find(each => each.symbol === symbol)
    if (listing === undefined) throw new Error(`${symbol} is not listed`)
    const frame = resampleFrame(listing.minutes, '1m', timeframe)
    this.#frames.set(key, frame)
    return frame
  }
}
