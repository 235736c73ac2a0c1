import { CandleFrame } from '../../frame/candle-frame.ts'
import { appendChunk, encodeChunk } from '../chunk-codec.ts'
import { packChunk, unpackChunk } from '../packed-chunk.ts'
import type { CacheCodec } from './cache-codec.ts'

/** All that is known of `[from, to)`: bars that are not in the frame do not exist. UTC ms. */
export interface FrameSpan {
  readonly frame: CandleFrame
  readonly from: number
  readonly to: number
}

/** Bytes of one row: six float64 and a flag. */
export const FRAME_ROW_BYTES = 49
export const FRAME_BYTES = 512
const HEADER_BYTES = 24

/**
 * Candles as differences on their price grid where that says exactly the same, as they are in memory where it does not:
 * the frame is checked against its grid row by row before it is packed.
 */
export const frameCodec: CacheCodec<FrameSpan> = {
  sizeBytes: ({ frame }) => FRAME_BYTES + frame.flags.length * FRAME_ROW_BYTES,
  encode: ({ frame, from, to }) => {
    const packed = packChunk(frame)
    const body = packed ?? encodeChunk(frame)
    const blob = Buffer.alloc(HEADER_BYTES + body.length)
    blob.writeDoubleLE(from, 0)
    blob.writeDoubleLE(to, 8)
    blob.writeUInt32LE(frame.length, 16)
    blob.writeUInt32LE(packed === undefined ? 0 : 1, 20)
    blob.set(body, HEADER_BYTES)
    return blob
  },
  decode: bytes => {
    const blob = Buffer.from(bytes)
    const rows = blob.readUInt32LE(16)
    const body = Buffer.from(new Uint8Array(blob.subarray(HEADER_BYTES)))
    const frame = new CandleFrame(rows)
    if (blob.readUInt32LE(20) === 0) appendChunk(frame, body, rows, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    else if (!unpackChunk(frame, body, rows)) throw new RangeError('packed candles are damaged')
    return { frame, from: blob.readDoubleLE(0), to: blob.readDoubleLE(8) }
  },
}
