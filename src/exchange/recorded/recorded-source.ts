import { createHash } from 'node:crypto'
import { badInput, neverRetry } from '../../domain/errors.ts'
import type { Instrument } from '../../domain/instrument.ts'
import { nearest } from '../../domain/nearest.ts'
import { compareKeys } from '../../domain/series.ts'
import { nests, nextBarOpen, type Timeframe } from '../../domain/timeframe.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'
import { hashFrame } from '../../frame/data-hash.ts'
import { resampleFrame } from '../../frame/resample-frame.ts'
import type { CandleRequest, RawRow } from '../candle-source.ts'
import { rawRows, type PlayedMarket, type PlayedSource } from '../played-source.ts'
import { recordedInstrument } from './recorded-instrument.ts'
import type { Recording } from './recording.ts'
import { startOfPlay } from './start-of-play.ts'

export interface RecordedSourceOptions {
  /** Name in series keys. */
  readonly exchange: string
  readonly recordings: ReadonlyMap<string, Recording>
}

/** Candles in memory as a source: at their own timeframe and, resampled, at each higher one that is made of whole bars. */
export class RecordedSource implements PlayedSource {
  readonly exchange: string
  readonly rowsPerRequestMax = 1_000
  readonly markets: readonly PlayedMarket[]
  readonly firstTime: number
  readonly endsAt: number
  readonly #recordings: ReadonlyMap<string, Recording>
  readonly #resampled = new Map<string, CandleFrame>()
  #fingerprint: string | undefined

  /** @throws bad input when there is no candle at all. */
  constructor({ exchange, recordings }: RecordedSourceOptions) {
    const entries = [...recordings].filter(([, { frame }]) => frame.length > 0).sort(([a], [b]) => compareKeys(a, b))
    if (entries.length === 0)
      throw badInput('there are no candles to play', { hint: 'name at least one file with candles' })
    this.exchange = exchange
    this.#recordings = new Map(entries)
    this.markets = entries.map(([symbol, { timeframe, frame, instrument }]) => ({
      symbol,
      timeframe,
      instrument: instrument ?? recordedInstrument(exchange, symbol, frame),
    }))
    this.firstTime = Math.min(...entries.map(([, { frame }]) => frame.timeAt(0)))
    this.endsAt = Math.max(...entries.map(([, { timeframe, frame }]) => nextBarOpen(timeframe, frame.lastTime)))
  }

  get fingerprint(): string {
    this.#fingerprint ??= fingerprintOf(this.#recordings)
    return this.#fingerprint
  }

  defaultStart(historyRows: number): number {
    return startOfPlay([...this.#recordings.values()], historyRows)
  }

  /** The end of the recording: all its candles have closed. */
  serverTime(): Promise<number> {
    return Promise.resolve(this.endsAt)
  }

  instruments(): Promise<readonly Instrument[]> {
    return Promise.resolve(this.markets.map(({ instrument }) => instrument))
  }

  async fetchCandles(
    { symbol, timeframe, since, limit }: CandleRequest,
    signal?: AbortSignal,
  ): Promise<readonly RawRow[]> {
    signal?.throwIfAborted()
    return rawRows(this.candles(symbol, timeframe, since, Math.min(limit, this.rowsPerRequestMax)))
  }

  candles(symbol: string, timeframe: Timeframe, since: number, limit: number): CandleFrame {
    const frame = this.#frame(symbol, timeframe)
    const from = frame.firstRowFrom(since)
    return frame.slice(from, Math.min(frame.length, from + limit))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #frame(symbol: string, timeframe: Timeframe): CandleFrame {
    const recording = this.#recordings.get(symbol)
    if (!recording) {
      const known = [...this.#recordings.keys()]
      throw neverRetry(`there is no recording of ${symbol}`, {
        hint: `did you mean ${nearest(symbol, known) ?? known.join(', ')}?`,
      })
    }
    if (recording.timeframe === timeframe) return recording.frame
    if (!nests(recording.timeframe, timeframe))
      throw neverRetry(`${symbol} is recorded at ${recording.timeframe}: ${timeframe} bars cannot be built from it`, {
        hint: `use ${recording.timeframe} or a higher timeframe that it divides, or play a finer recording`,
      })
    const key = `${symbol} ${timeframe}`
    let frame = this.#resampled.get(key)
    if (!frame) {
      frame = resampleFrame(recording.frame, recording.timeframe, timeframe)
      this.#resampled.set(key, frame)
    }
    return frame
  }
}

function fingerprintOf(recordings: ReadonlyMap<string, Recording>): string {
  const hash = createHash('sha256')
  for (const [symbol, { timeframe, frame }] of recordings) hash.update(`${symbol} ${timeframe} ${hashFrame(frame)}\n`)
  return `recording ${hash.digest('hex').slice(0, 32)}`
}
