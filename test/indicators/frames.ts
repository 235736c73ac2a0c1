import { CandleFrame } from '../../src/frame/candle-frame.ts'

const START_MS = Date.UTC(2023, 2, 20)

export interface FrameOptions {
  /** Ms from row to row. Default one minute. */
  readonly stepMs?: number
  /** Open time of the first row. */
  readonly startMs?: number
}

/** A frame whose every price lane holds the given values, and whose volume does too. */
export function frameOf(values: readonly number[], options: FrameOptions = {}): CandleFrame {
  const { stepMs = 60_000, startMs = START_MS } = options
  const frame = new CandleFrame()
  values.forEach((value, row) => appendValue(frame, startMs + row * stepMs, value))
  return frame
}

export function appendValue(frame: CandleFrame, time: number, value: number): void {
  frame.append(time, value, value, value, value, value)
}

/** Candles of a seeded walk, each lane with values of its own; one row in fifty has no volume. */
export function walkFrame(rows: number, seed = 1): CandleFrame {
  let state = seed | 0
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
  const frame = new CandleFrame(rows)
  let close = 100
  for (let row = 0; row < rows; row++) {
    const open = close
    close = open * (1 + (random() - 0.5) * 0.02)
    const high = Math.max(open, close) * (1 + random() * 0.005)
    const low = Math.min(open, close) * (1 - random() * 0.005)
    frame.append(START_MS + row * 60_000, open, high, low, close, random() < 0.02 ? 0 : 1 + random() * 10)
  }
  return frame
}
