import { deserialize, serialize } from 'node:v8'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** How values of a cache are weighed, and packed where they are kept smaller or on disk. */
export interface CacheCodec<V> {
  /** Bytes that a value takes in memory, near enough. */
  sizeBytes(value: V): number
  /** Exact: `decode(encode(value))` says the same. Undefined: this one cannot be packed, and is kept as it is or not at all. */
  encode(value: V): Uint8Array | undefined
  /** @throws when the bytes are none of `encode`. */
  decode(bytes: Uint8Array): V
}

/** For whatever `structuredClone` can copy: numbers, typed arrays, maps, plain objects. Packed with zstd. */
export function structuredCodec<V>(): CacheCodec<V> {
  return {
    sizeBytes: value => estimatedBytes(value, 0),
    encode: value => {
      try {
        return zstdCompressSync(serialize(value))
      } catch {
        // Functions, sockets, promises: they live in memory alone.
        return undefined
      }
    },
    decode: bytes => deserialize(zstdDecompressSync(bytes)) as V,
  }
}

const OBJECT_BYTES = 56
const DEPTH_MAX = 12
/** Long lists are of one kind: some of them stand for all. */
const SAMPLED_MAX = 64

function estimatedBytes(value: unknown, depth: number): number {
  if (typeof value === 'string') return 24 + 2 * value.length
  if (typeof value !== 'object' || value === null) return 8
  if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength
  if (value instanceof ArrayBuffer) return OBJECT_BYTES + value.byteLength
  if (depth >= DEPTH_MAX) return OBJECT_BYTES
  const parts: readonly unknown[] = Array.isArray(value)
    ? value
    : value instanceof Map
      ? [...value].flat()
      : value instanceof Set
        ? [...value]
        : Object.values(value)
  const step = Math.max(1, Math.floor(parts.length / SAMPLED_MAX))
  let sampled = 0
  let bytes = 0
  for (let index = 0; index < parts.length; index += step) {
    bytes += 16 + estimatedBytes(parts[index], depth + 1)
    sampled++
  }
  return OBJECT_BYTES + (sampled === 0 ? 0 : (bytes * parts.length) / sampled)
}
