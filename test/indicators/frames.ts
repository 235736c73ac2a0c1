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
