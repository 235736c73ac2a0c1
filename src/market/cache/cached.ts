import { badInput } from '../../domain/errors.ts'
import type { Timeframe } from '../../domain/timeframe.ts'
import { structuredCodec } from './cache-codec.ts'
import { DiskLevel } from './disk-level.ts'
import { forSoLong, untilNextClose } from './expiry.ts'
import { TieredCache, type TieredCacheMetrics } from './tiered-cache.ts'

export interface CachedOptions<A extends readonly unknown[]> {
  /** How long a result may be used, seconds (300); 0: until it is pushed out. */
  readonly ttlSeconds?: number
  /** Instead of `ttlSeconds`: until the next candle of this timeframe has closed, and half a second. */
  readonly untilNextClose?: Timeframe
  /** All results of this function together (16). */
  readonly maxSizeMb?: number
  /**
   * Where results outlive the process: a folder of this function's alone, made when it is not there. What
   * `structuredClone` cannot copy stays in memory. Delete it when the function gives something else than before.
   */
  readonly folder?: string
  /** All files in the folder together (64). */
  readonly folderSizeMb?: number
  /** What tells calls apart (their arguments as JSON). */
  readonly key?: (...args: A) => string
}

/** A function whose results are kept. */
export interface Cached<A extends readonly unknown[], R> {
  (...args: A): Promise<R>
  /** Forgets what these arguments gave. */
  invalidate(...args: A): void
  clear(): void
  metrics(): TieredCacheMetrics
}

const BYTES_PER_MB = 1024 * 1024
/** For the candle that has just closed to be told. */
const CLOSE_MARGIN_MS = 500

/**
 * Keeps the results of a function, in memory and bounded in bytes, those that have not been used for a while packed. Calls
 * with equal arguments that come while the first still runs wait for it; a failure is not kept. Results are shared: they
 * are not to be changed.
 * @param now what results age by, UTC ms; the exchange's time where they follow from its candles.
 * @throws TallowError bad-input for options that make no sense.
 */
export function cachedBy(now: () => number) {
  return <A extends readonly unknown[], R>(
    fn: (...args: A) => Promise<R> | R,
    options: CachedOptions<A> = {},
  ): Cached<A, R> => {
    const { ttlSeconds = 300, maxSizeMb = 16, key = (...args: A) => JSON.stringify(args) } = options
    if (!(ttlSeconds >= 0))
      throw badInput(`ttlSeconds is ${ttlSeconds}`, { where: 'cached', hint: 'use seconds, 0 for no end' })
    if (!(maxSizeMb > 0)) throw badInput(`maxSizeMb is ${maxSizeMb}`, { where: 'cached', hint: 'use a number above 0' })
    const disk = options.folder === undefined ? undefined : openFolder(options.folder, options.folderSizeMb ?? 64)
    const cache = new TieredCache<{ readonly result: R }>({
      codec: structuredCodec(),
      maxSizeBytes: maxSizeMb * BYTES_PER_MB,
      expiry: options.untilNextClose
        ? untilNextClose(options.untilNextClose, CLOSE_MARGIN_MS)
        : forSoLong(ttlSeconds * 1_000),
      now,
      ...(disk && { disk }),
    })
    const call = async (...args: A): Promise<R> =>
      (await cache.getOrLoad(key(...args), async () => ({ result: await fn(...args) }))).result
    return Object.assign(call, {
      invalidate: (...args: A) => cache.invalidate(key(...args)),
      clear: () => cache.clear(),
      metrics: () => cache.metrics(),
    })
  }
}

function openFolder(folder: string, sizeMb: number): DiskLevel {
  if (!(sizeMb > 0)) throw badInput(`folderSizeMb is ${sizeMb}`, { where: 'cached', hint: 'use a number above 0' })
  try {
    return DiskLevel.open({ folder, sizeBytesMax: sizeMb * BYTES_PER_MB })
  } catch (error) {
    throw badInput(`folder ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      where: 'cached',
      hint: 'name a folder that can be written, or one that can be made',
    })
  }
}
