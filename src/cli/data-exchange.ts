import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { badInput } from '../domain/errors.ts'
import type { CandleSource } from '../exchange/candle-source.ts'
import { CandleStore } from '../market/candle-store.ts'
import { Fetcher } from '../market/fetcher.ts'
import { StoreLoader } from '../market/store-loader.ts'
import { Closers } from './closers.ts'
import { configOf, type ConfigOptions } from './config-options.ts'
import type { Io } from './io.ts'
import { createLogger } from './logger.ts'
import { makeDataFolder } from './make-data-folder.ts'
import { plugReal } from './plug-exchange.ts'
import { storePath } from './store-path.ts'

/** Pages under way at once for each request that may be in flight: there is always one to send. */
const PAGES_PER_REQUEST = 2
const REQUESTS_AT_ONCE = 8

/** The store and the exchange that its candles come from, for commands that fetch. */
export interface DataExchange {
  readonly store: CandleStore
  readonly source: CandleSource
  readonly fetcher: Fetcher
  readonly clock: Clock
  readonly symbols: readonly string[]
  readonly loader: (onBars: (bars: number) => void) => StoreLoader
}

/**
 * Runs a task with the exchange that the config names, the limiter before it, and the store.
 * @param exchange as in the series' keys: it goes before `exchange.id` of the config.
 * @throws what the task throws; bad input for an exchange that candles cannot be fetched from.
 */
export async function withDataExchange<T>(
  io: Io,
  options: ConfigOptions,
  exchange: string | undefined,
  signal: AbortSignal,
  task: (parts: DataExchange) => Promise<T>,
): Promise<T> {
  const override = { flag: 'the series', path: ['exchange', 'id'], value: exchange }
  const { config } = configOf(io, options, [override])
  if (config.exchange.simulator !== undefined)
    throw badInput('the embedded exchange only lives as long as a run: nothing can be fetched from it', {
      where: 'exchange.simulator',
      hint: 'leave it out of the config, or start tallow sim and name its address as exchange.base_url',
    })
  if (exchange === 'file')
    throw badInput('the candles of "file" come from no exchange', {
      hint: 'import them again, with --exchange NAME to say where they are from',
    })
  const closers = new Closers()
  try {
    makeDataFolder(config.data_dir)
    const log: Logger = createLogger(io, { ...config.log, level: 'warn' })
    const store = CandleStore.open(storePath(config.data_dir))
    closers.add(() => {
      store.close()
    })
    const plugged = await plugReal(config, log, closers, signal)
    const { source, limiter, clock, requestWeight, symbols } = plugged
    const { request_timeout_ms: requestTimeoutMs } = config.exchange
    const fetcher = new Fetcher({
      ...{ source, limiter, clock, requestWeight, requestTimeoutMs },
      concurrency: REQUESTS_AT_ONCE,
    })
    const loader = (onBars: (bars: number) => void): StoreLoader =>
      new StoreLoader({ source, fetcher, store, clock, onBars, pagesMax: REQUESTS_AT_ONCE * PAGES_PER_REQUEST })
    return await task({ store, source, fetcher, clock, symbols, loader })
  } finally {
    await closers.close()
  }
}
