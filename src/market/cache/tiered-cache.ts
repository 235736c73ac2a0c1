import { LRUCache } from 'lru-cache'
import type { CacheCodec } from './cache-codec.ts'
import type { DiskLevel } from './disk-level.ts'
import type { Expiry } from './expiry.ts'
import { MemoryPressure, type MemoryPressureOptions } from './memory-pressure.ts'

export interface TieredCacheOptions<V extends object> {
  readonly codec: CacheCodec<V>
  /** Both levels in memory together. */
  readonly maxSizeBytes: number
  /** Part of it for what is packed (0.25). */
  readonly packedShare?: number
  readonly expiry: Expiry
  /** What expiry goes by, ms. */
  readonly now: () => number
  /** Without it nothing outlives the process. It is this cache's alone. */
  readonly disk?: DiskLevel
  readonly pressure?: MemoryPressureOptions
}

export interface LevelMetrics {
  readonly hits: number
  readonly entries: number
  readonly sizeBytes: number
  readonly sizeBytesMax: number
}

export interface TieredCacheMetrics {
  readonly hot: LevelMetrics
  readonly packed: LevelMetrics
  /** Undefined without one. */
  readonly disk: LevelMetrics | undefined
  /** Neither level in memory had it. */
  readonly misses: number
  readonly loads: number
  /** Who asked while it was being loaded, and waited for the same. */
  readonly joined: number
  readonly expired: number
  /** Part of its size that it keeps to while memory is short, 0..1. */
  readonly allowedShare: number
}

interface Held<V> {
  readonly value: V
  readonly expiresAt: number
}

interface Packed {
  readonly bytes: Uint8Array
  readonly expiresAt: number
}

/** Below it, what packing saves is less than what it costs. */
const PACKED_FROM_BYTES = 256

/**
 * One cache for whatever is dear to make: as it is for what was used last, packed for what was used before, in files for
 * what has to outlive the process. Bounded in bytes at each level; what is pushed out of one goes down to the next. Values
 * are shared with whoever asks: they are not to be changed.
 */
export class TieredCache<V extends object> {
  readonly #options: TieredCacheOptions<V>
  readonly #hot: LRUCache<string, Held<V>>
  readonly #packed: LRUCache<string, Packed>
  readonly #pressure: MemoryPressure
  readonly #loading = new Map<string, Promise<V>>()
  /** Entries that were pushed out in the middle of a change, and go down when it is done. */
  readonly #sinking: (readonly [string, Held<V>])[] = []
  #hotHits = 0
  #packedHits = 0
  #diskHits = 0
  #misses = 0
  #loads = 0
  #joined = 0
  #expired = 0

  constructor(options: TieredCacheOptions<V>) {
    this.#options = options
    const { codec, maxSizeBytes, packedShare = 0.25 } = options
    const packedBytes = Math.max(1, Math.floor(maxSizeBytes * packedShare))
    this.#hot = new LRUCache({
      maxSize: Math.max(1, maxSizeBytes - packedBytes),
      sizeCalculation: ({ value }) => Math.max(1, Math.ceil(codec.sizeBytes(value))),
      dispose: (held, key, reason) => {
        if (reason === 'evict') this.#sinking.push([key, held])
      },
    })
    this.#packed = new LRUCache({ maxSize: packedBytes, sizeCalculation: ({ bytes }) => 64 + bytes.length })
    this.#pressure = new MemoryPressure(options.pressure)
  }

  /** What is in memory and has not expired. */
  get(key: string): V | undefined {
    const held = this.#hot.get(key)
    if (held !== undefined && this.#options.now() < held.expiresAt) {
      this.#hotHits++
      return held.value
    }
    return this.#notHot(key, held)
  }

  /** What is in memory as it is: not counted, not made young. */
  peek(key: string): V | undefined {
    return this.#hot.peek(key)?.value
  }

  /** Whether it is in memory, packed or not. */
  has(key: string): boolean {
    return this.#hot.has(key) || this.#packed.has(key)
  }

  set(key: string, value: V): void {
    const { expiry, now, disk, codec } = this.#options
    const expiresAt = expiry(now())
    this.#loading.delete(key)
    this.#hold(key, { value, expiresAt })
    if (disk === undefined) return
    const bytes = codec.encode(value)
    if (bytes === undefined) disk.remove(key)
    else void disk.write(key, { bytes, expiresAt })
  }

  /** As `get`, and from disk. */
  async find(key: string): Promise<V | undefined> {
    const value = this.get(key)
    const { disk, now, codec } = this.#options
    if (value !== undefined || disk?.has(key) !== true) return value
    const entry = await disk.read(key)
    if (entry === undefined) return undefined
    if (now() >= entry.expiresAt) {
      this.#expired++
      disk.remove(key)
      return undefined
    }
    try {
      const found = { value: codec.decode(entry.bytes), expiresAt: entry.expiresAt }
      this.#hold(key, found)
      this.#diskHits++
      return found.value
    } catch {
      disk.remove(key)
      return undefined
    }
  }

  /**
   * What is there, else what `load` gives. Who asks meanwhile waits for the same; a failure is everybody's, and is not
   * remembered. What was set or invalidated in the meantime is not overwritten.
   */
  getOrLoad(key: string, load: () => Promise<V>): Promise<V> {
    const known = this.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const loading = this.#loading.get(key)
    if (loading !== undefined) {
      this.#joined++
      return loading
    }
    const begun: Promise<V> = this.#load(key, load, () => this.#loading.get(key) === begun).finally(() => {
      if (this.#loading.get(key) === begun) this.#loading.delete(key)
    })
    this.#loading.set(key, begun)
    return begun
  }

  /** Forgets it at every level. What is being loaded reaches who waits for it, and is not kept. */
  invalidate(key: string): void {
    this.#loading.delete(key)
    this.#hot.delete(key)
    this.#packed.delete(key)
    this.#options.disk?.remove(key)
  }

  clear(): void {
    this.#loading.clear()
    this.#hot.clear()
    this.#packed.clear()
    this.#options.disk?.clear()
  }

  /** Lets go of what has expired, and of more while the process is short of memory. */
  tidy(): void {
    const now = this.#options.now()
    for (const level of [this.#hot, this.#packed])
      for (const [key, { expiresAt }] of [...level.entries()])
        if (now >= expiresAt && level.delete(key)) this.#expired++
    this.#pressure.look()
    this.#shrink()
  }

  metrics(): TieredCacheMetrics {
    const { disk } = this.#options
    return {
      hot: levelOf(this.#hot, this.#hotHits),
      packed: levelOf(this.#packed, this.#packedHits),
      disk: disk && {
        hits: this.#diskHits,
        entries: disk.entries,
        sizeBytes: disk.sizeBytes,
        sizeBytesMax: disk.sizeBytesMax,
      },
      misses: this.#misses,
      loads: this.#loads,
      joined: this.#joined,
      expired: this.#expired,
      allowedShare: this.#pressure.allowedShare,
    }
  }

  #notHot(key: string, held: Held<V> | undefined): V | undefined {
    const packed = held === undefined ? this.#packed.get(key) : undefined
    const expiresAt = held?.expiresAt ?? packed?.expiresAt
    if (expiresAt !== undefined && this.#options.now() >= expiresAt) {
      this.#expired++
      this.#hot.delete(key)
      this.#packed.delete(key)
    } else if (packed !== undefined) {
      const value = this.#options.codec.decode(packed.bytes)
      this.#packedHits++
      this.#hold(key, { value, expiresAt: packed.expiresAt })
      return value
    }
    this.#misses++
    return undefined
  }

  async #load(key: string, load: () => Promise<V>, isWanted: () => boolean): Promise<V> {
    const found = this.#options.disk?.has(key) === true ? await this.find(key) : undefined
    if (found !== undefined) return found
    this.#loads++
    const value = await load()
    if (isWanted()) this.set(key, value)
    return value
  }

  #hold(key: string, held: Held<V>): void {
    // lru-cache drops the old value and stores nothing when the new one is larger than all of it.
    this.#packed.delete(key)
    this.#hot.set(key, held)
    if (!this.#hot.has(key)) this.#pack(key, held)
    this.#shrink()
  }

  #shrink(): void {
    const share = this.#pressure.allowedShare
    if (share < 1) {
      while (this.#hot.calculatedSize > this.#hot.maxSize * share) if (this.#hot.pop() === undefined) break
    }
    for (let sunk = this.#sinking.pop(); sunk !== undefined; sunk = this.#sinking.pop()) this.#pack(...sunk)
    if (share < 1) {
      while (this.#packed.calculatedSize > this.#packed.maxSize * share) if (this.#packed.pop() === undefined) break
    }
  }

  #pack(key: string, { value, expiresAt }: Held<V>): void {
    if (this.#options.now() >= expiresAt) return
    const { codec } = this.#options
    // Small values are not made smaller.
    if (codec.sizeBytes(value) < PACKED_FROM_BYTES) return
    const bytes = codec.encode(value)
    if (bytes !== undefined) this.#packed.set(key, { bytes, expiresAt })
  }
}

function levelOf<T extends object>(level: LRUCache<string, T>, hits: number): LevelMetrics {
  return { hits, entries: level.size, sizeBytes: level.calculatedSize, sizeBytesMax: level.maxSize }
}
