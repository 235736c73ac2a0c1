import { createHash } from 'node:crypto'
import type { CandleFrame } from './candle-frame.ts'

/** SHA-256, in hex, of a frame's six lanes as little-endian doubles: what a run's candles are known by. */
export function hashFrame(frame: CandleFrame): string {
  const hash = createHash('sha256')
  for (const column of [frame.time, frame.open, frame.high, frame.low, frame.close, frame.volume]) {
    const { values } = column
    hash.update(new Uint8Array(values.buffer, values.byteOffset, frame.length * values.BYTES_PER_ELEMENT))
  }
  return hash.digest('hex')
}
