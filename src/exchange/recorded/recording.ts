import type { Instrument } from '../../domain/instrument.ts'
import type { Timeframe } from '../../domain/timeframe.ts'
import type { CandleFrame } from '../../frame/candle-frame.ts'

/** One symbol's candles at the timeframe at which they were recorded. */
export interface Recording {
  readonly timeframe: Timeframe
  readonly frame: CandleFrame
  /** The market's filters where they are known; else they are worked out, see `recordedInstrument`. */
  readonly instrument?: Instrument
}
