import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { PlayedSource } from '../exchange/played-source.ts'
import type { SlowStatementOptions } from '../ledger/sqlite/slow-statements.ts'
import { SqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts'
import { CandleStore } from '../market/candle-store.ts'
import { FrameCache } from '../market/frame-cache.ts'
import type { PointSink } from '../telemetry/point.ts'
import { memoryAllowedBytes } from '../telemetry/process-readings.ts'
import type { Config } from './config/schema.ts'
import { Closers } from './closers.ts'
import { plugPlayed, plugReal, type PluggedExchange } from './plug-exchange.ts'
import { makeDataFolder } from './make-data-folder.ts'
import { closePoints, openPoints } from './plug-points.ts'

const BYTES_PER_MB = 1024 * 1024
/** Of what the process may take: beyond it caches make room. */
const MEMORY_SHARE = 0.8

/** What a run on paper is plugged into. */
export interface Plugged extends PluggedExchange {
  readonly store: CandleStore
  readonly cache: FrameCache
  readonly ledger: SqliteLedger
  /** Undefined when points are off. */
  readonly points: PointSink | undefined
  /** Ends everything, in the order that loses nothing; says what could not be sent. */
  close(): Promise<void>
}

/**
 * The only place that chooses adapters: which exchange, clock, ledger and sink a run gets.
 * @param played candles for the embedded exchange; undefined: the exchange of the config.
 * @param scrub takes secrets out of a text.
 * @param signal ends the wait for an exchange that does not answer.
 */
export async function plug(
  config: Config,
  played: PlayedSource | undefined,
  log: Logger,
  scrub: (text: string) => string,
  signal: AbortSignal,
): Promise<Plugged> {
  const closers = new Closers()
  try {
    makeDataFolder(config.data_dir)
    // First: whoever holds the lock owns everything else in the folder.
    const ledger = SqliteLedger.open(join(config.data_dir, 'ledger.db'), {
      bot: config.bot,
      slow: slowStatements(config, log),
      scrub,
    })
    closers.add(() => {
      ledger.close()
    })
    const store = CandleStore.open(join(config.data_dir, 'candles.db'))
    closers.add(() => {
      store.close()
    })
    const points = openPoints(config, log)
    if (points) closers.add(() => closePoints(points, log))
    const exchange = await (played
      ? plugPlayed(config, played, log, closers, signal)
      : plugReal(config, log, closers, signal))
    const cache = openCache(config, closers)
    return { ...exchange, ledger, store, points, cache, close: () => closers.close() }
  } catch (error) {
    // The reason why it could not start is the one to tell.
    await closers.close().catch(() => undefined)
    throw error
  }
}

/** Candles in memory, within bounds that are looked after until all is closed. */
function openCache({ market }: Config, closers: Closers): FrameCache {
  const allowedBytes = memoryAllowedBytes(process.constrainedMemory(), totalmem())
  const threshold = market.cache_memory_threshold_mb
  const cache = new FrameCache({
    sizeBytesMax: market.cache_size_mb * BYTES_PER_MB,
    ttlMs: market.cache_ttl_seconds * 1_000,
    now: Date.now,
    pressure: {
      usedBytes: () => process.memoryUsage.rss(),
      thresholdBytes: threshold === undefined ? allowedBytes * MEMORY_SHARE : threshold * BYTES_PER_MB,
    },
  })
  const tidying = setInterval(() => cache.tidy(), market.cache_cleanup_interval_seconds * 1_000)
  closers.add(() => {
    clearInterval(tidying)
  })
  return cache
}

function slowStatements({ health }: Config, log: Logger): SlowStatementOptions {
  return {
    limitMs: health.ledger_max_s * 1_000,
    tell: ({ sql, durationMs, plan }) => {
      const steps = plan.length === 0 ? '' : `; plan: ${plan.join(', ')}`
      log.warn(`slow ledger statement, ${(durationMs / 1_000).toFixed(3)} s: ${sql}${steps}`)
    },
  }
}

/** Checks that the exchange trades the symbols. @param where they were named. @throws bad input with the nearest right one. */
export function checkSymbols(
  wanted: readonly string[],
  known: readonly string[],
  exchange: string,
  where: string,
): void {
  for (const symbol of wanted) {
    if (known.includes(symbol)) continue
    const near = nearest(symbol, known)
    throw badInput(`${exchange} does not trade ${symbol}`, {
      where,
      hint: near === undefined ? `it trades ${known.slice(0, 20).join(', ')}` : `did you mean ${near}?`,
    })
  }
}
