import { CandleFrame } from '../src/frame/candle-frame.ts'

/** One minute candles of a common year, and a round number. */
export const YEAR_ROWS = 525_600
export const MILLION_ROWS = 1_000_000

const START_MS = Date.UTC(2023, 0, 1)
const STEP_MS = 60_000
const CENT = 100

/**
 * A random walk of one-minute candles: open = previous close, prices in whole cents, some 0.05 % a minute.
 * The same seed gives the same candles on every machine.
 */
export function randomWalk(rows: number, seed = 1): CandleFrame {
  const random = mulberry32(seed)
  const frame = new CandleFrame(rows)
  let close = 30_000
  for (let row = 0; row < rows; row++) {
    const open = close
    // The sum of three even draws is near enough to normal.
    const step = random() + random() + random() - 1.5
    close = cents(open * (1 + step * 0.001))
    const high = cents(Math.max(open, close) * (1 + random() * 0.0002))
    const low = cents(Math.min(open, close) * (1 - random() * 0.0002))
    frame.append(
      START_MS + row * STEP_MS,
      open,
      Math.max(high, open, close),
      Math.min(low, open, close),
      close,
      1 + random() * 10,
    )
  }
  return frame
}

function cents(price: number): number {
  return Math.round(price * CENT) / CENT
}

/** A small generator with 32 bits of state, public domain. @returns numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
