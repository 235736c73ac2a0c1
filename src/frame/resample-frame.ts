import { badInput } from '../domain/errors.ts'
import { nests, type Timeframe } from '../domain/timeframe.ts'
import type { CandleFrame } from './candle-frame.ts'
import { Resampler } from './resampler.ts'

export interface ResampleOptions {
  /** Whether a last bar that is not known to be complete is there as well, marked partial, instead of left out. */
  readonly keepUnfinished?: boolean | undefined
}

/**
 * A frame's candles at a higher timeframe. A last bar that is not known to be complete is left out unless it is asked
 * for; bars that lack children are marked partial.
 * @throws bad input when the one is not made of whole bars of the other.
 */
export function resampleFrame(
  frame: CandleFrame,
  from: Timeframe,
  to: Timeframe,
  { keepUnfinished = false }: ResampleOptions = {},
): CandleFrame {
  if (from === to) return frame
  if (!nests(from, to))
    throw badInput(`${to} candles cannot be built from ${from} candles`, {
      hint: `use a timeframe that is a whole multiple of ${from}, or candles of a lower timeframe`,
    })
  const resampler = new Resampler(frame, from, to)
  resampler.advance()
  if (keepUnfinished) resampler.sealUnfinished()
  return resampler.frame
}
