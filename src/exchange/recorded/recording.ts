import type { Timeframe } from '../../domain/timeframe.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'

/** One symbol's candles at the timeframe at which they were recorded. */
export interface Recording {
  readonly timeframe: Timeframe
  readonly frame: CandleFrame
}
