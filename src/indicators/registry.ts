import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { IndicatorDefinition } from './define.ts'
import { adl } from './adl.ts'
import { adx } from './adx.ts'
import { aroon } from './aroon.ts'
import { atr } from './atr.ts'
import { bollinger } from './bollinger.ts'
import { chaikinOscillator } from './chaikin-oscillator.ts'
import { chandelier } from './chandelier.ts'
import { choppiness } from './choppiness.ts'
import { cmf } from './cmf.ts'
import { donchian } from './donchian.ts'
import { ema } from './ema.ts'
import { forceIndex } from './force-index.ts'
import { hl2 } from './hl2.ts'
import { hlc3 } from './hlc3.ts'
import { ichimoku } from './ichimoku.ts'
import { keltner } from './keltner.ts'
import { macd } from './macd.ts'
import { mfi } from './mfi.ts'
import { natr } from './natr.ts'
import { obv } from './obv.ts'
import { ohlc4 } from './ohlc4.ts'
import { psar } from './psar.ts'
import { rsi } from './rsi.ts'
import { sma } from './sma.ts'
import { stddev } from './stddev.ts'
import { supertrend } from './supertrend.ts'
import { trueRange } from './true-range.ts'
import { ulcerIndex } from './ulcer-index.ts'
import { vortex } from './vortex.ts'
import { vwap } from './vwap.ts'
import { wma } from './wma.ts'

/** Every indicator there is, by name. A new one is added here and nowhere else. */
export const indicators: readonly IndicatorDefinition[] = [
  adl.definition,
  adx.definition,
  aroon.definition,
  atr.definition,
  bollinger.definition,
  chaikinOscillator.definition,
  chandelier.definition,
  choppiness.definition,
  cmf.definition,
  donchian.definition,
  ema.definition,
  forceIndex.definition,
  hl2.definition,
  hlc3.definition,
  ichimoku.definition,
  keltner.definition,
  macd.definition,
  mfi.definition,
  natr.definition,
  obv.definition,
  ohlc4.definition,
  psar.definition,
  rsi.definition,
  sma.definition,
  stddev.definition,
  supertrend.definition,
  trueRange.definition,
  ulcerIndex.definition,
  vortex.definition,
  vwap.definition,
  wma.definition,
]

/** @throws bad input that names the nearest right name. */
export function indicatorByName(name: string): IndicatorDefinition {
  const found = indicators.find(definition => definition.name === name)
  if (found !== undefined) return found
  const names = indicators.map(definition => definition.name)
  const near = nearest(name, names)
  throw badInput(`there is no indicator "${name}"`, {
    hint: near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`,
  })
}
