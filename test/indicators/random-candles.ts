import type { Candle } from '../../src/domain/candle.ts'
import { CandleFrame } from '../../src/frame/candle-frame.ts'
import type { Source } from '../../src/indicators/fold.ts'

const START_MS = Date.UTC(2023, 2, 20)
/** A step at which a few hundred rows cross many of the fixed times at which sums are taken anew. */
const STEP_MS = 4 * 3_600_000

/** Numbers from 0 to 1 that a seed decides. */
export function randomOf(seed: number): () => number {
  let state = (seed + 1) * 0x9e37_79b9
  return () => {
    // A mixer of 32 bits (Wellons' lowbias32 over a counter).
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

type Walk = (price: number, random: () => number) => number

/** How prices move; a seed takes one after another. */
const WALKS: readonly { readonly start: number; readonly move: Walk }[] = [
  { start: 100, move: (price, random) => price * (1 + (random() - 0.5) * 0.02) },
  // Of magnitudes, now and then.
  {
    start: 100,
    move: (price, random) => {
      if (random() < 0.03) return Math.min(1e7, Math.max(1e-5, price * (random() < 0.5 ? 1000 : 0.001)))
      return price * (1 + (random() - 0.5) * 0.1)
    },
  },
  // Flat for long.
  { start: 100.1, move: (price, random) => (random() < 0.9 ? price : price * (1 + (random() - 0.5) * 0.02)) },
  { start: 1e-8, move: (price, random) => price * (1 + (random() - 0.5) * 0.05) },
  { start: 1e8, move: (price, random) => price * (1 + (random() - 0.5) * 0.001) },
  // On a coarse grid: many equal prices, many equal highs.
  { start: 20, move: (price, random) => Math.max(1, price + Math.round((random() - 0.5) * 3)) },
]

/**
 * Candles that a seed decides: calm, wild, flat, tiny, huge, on a grid; some without volume. In flat stretches open,
 * high, low and close are one.
 */
export function randomCandles(seed: number, rows: number): Candle[] {
  const random = randomOf(seed)
  const { start, move } = WALKS[seed % WALKS.length]!
  const isGrid = start === 20
  let close = start
  return Array.from({ length: rows }, (_, row) => {
    const open = close
    close = move(close, random)
    const isFlat = close === open && !isGrid
    const reach = (): number => (isFlat ? 0 : isGrid ? Math.floor(random() * 2) : random() * 0.005 * open)
    const high = Math.max(open, close) + reach()
    const low = Math.max(1e-12, Math.min(open, close) - reach())
    const volume = random() < 0.1 ? 0 : Math.round(random() * 1e6) / 100
    return { openTime: START_MS + row * STEP_MS, open, high, low, close, volume }
  })
}

/** The same with values that are missing, in lanes that are given. */
export function withHoles(candles: readonly Candle[], lanes: readonly Source[], seed: number): Candle[] {
  const random = randomOf(seed)
  const copy = candles.map(candle => ({ ...candle }))
  for (let burst = 0; burst < 3; burst++) {
    const start = Math.floor(random() * copy.length)
    const length = random() < 0.7 ? 1 : 1 + Math.floor(random() * 10)
    for (const candle of copy.slice(start, start + length)) {
      const lane = lanes[Math.floor(random() * lanes.length)]!
      candle[lane] = [Number.NaN, Infinity, -Infinity][Math.floor(random() * 3)]!
    }
  }
  return copy
}

export function frameOfCandles(candles: readonly Candle[]): CandleFrame {
  const frame = new CandleFrame(candles.length)
  for (const { openTime, open, high, low, close, volume } of candles)
    frame.append(openTime, open, high, low, close, volume)
  return frame
}
