import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { IndicatorDefinition } from './define.ts'
import { adl } from './adl.ts'
import { adx } from './adx.ts'
import { alma } from './alma.ts'
import { aroon } from './aroon.ts'
import { atr } from './atr.ts'
import { awesomeOscillator } from './awesome-oscillator.ts'
import { bollinger } from './bollinger.ts'
import { patterns } from './bridged-patterns.ts'
import { averageGain, averageLoss, heikinAshi, kst, trix } from './bridged-streams.ts'
import { cci } from './cci.ts'
import { chaikinOscillator } from './chaikin-oscillator.ts'
import { chandelier } from './chandelier.ts'
import { choppiness } from './choppiness.ts'
import { cmf } from './cmf.ts'
import { cmo } from './cmo.ts'
import { dema } from './dema.ts'
import { donchian } from './donchian.ts'
import { ema } from './ema.ts'
import { forceIndex } from './force-index.ts'
import { hl2 } from './hl2.ts'
import { hlc3 } from './hlc3.ts'
import { hma } from './hma.ts'
import { ichimoku } from './ichimoku.ts'
import { kama } from './kama.ts'
import { keltner } from './keltner.ts'
import { lsma } from './lsma.ts'
import { macd } from './macd.ts'
import { mfi } from './mfi.ts'
import { momentum } from './momentum.ts'
import { natr } from './natr.ts'
import { obv } from './obv.ts'
import { ohlc4 } from './ohlc4.ts'
import { ppo } from './ppo.ts'
import { psar } from './psar.ts'
import { roc } from './roc.ts'
import { rsi } from './rsi.ts'
import { sma } from './sma.ts'
import { smma } from './smma.ts'
import { stddev } from './stddev.ts'
import { stochRsi } from './stoch-rsi.ts'
import { stochastic } from './stochastic.ts'
import { supertrend } from './supertrend.ts'
import { t3 } from './t3.ts'
import { tema } from './tema.ts'
import { trueRange } from './true-range.ts'
import { tsi } from './tsi.ts'
import { ulcerIndex } from './ulcer-index.ts'
import { ultimateOscillator } from './ultimate-oscillator.ts'
import { vortex } from './vortex.ts'
import { vwap } from './vwap.ts'
import { vwma } from './vwma.ts'
import { williamsR } from './williams-r.ts'
import { wma } from './wma.ts'
import { zlema } from './zlema.ts'

/** Every indicator there is, by name. A new one is added here and nowhere else. */
export const indicators: readonly IndicatorDefinition[] = [
  adl.definition,
  adx.definition,
  alma.definition,
  aroon.definition,
  atr.definition,
  awesomeOscillator.definition,
  bollinger.definition,
  cci.definition,
  chaikinOscillator.definition,
  chandelier.definition,
  choppiness.definition,
  cmf.definition,
  cmo.definition,
  dema.definition,
  donchian.definition,
  ema.definition,
  forceIndex.definition,
  hl2.definition,
  hlc3.definition,
  hma.definition,
  ichimoku.definition,
  kama.definition,
  keltner.definition,
  lsma.definition,
  macd.definition,
  mfi.definition,
  momentum.definition,
  natr.definition,
  obv.definition,
  ohlc4.definition,
  ppo.definition,
  psar.definition,
  roc.definition,
  rsi.definition,
  sma.definition,
  smma.definition,
  stddev.definition,
  stochRsi.definition,
  stochastic.definition,
  supertrend.definition,
  t3.definition,
  tema.definition,
  trueRange.definition,
  tsi.definition,
  ulcerIndex.definition,
  ultimateOscillator.definition,
  vortex.definition,
  vwap.definition,
  vwma.definition,
  williamsR.definition,
  wma.definition,
  zlema.definition,
  averageGain.definition,
  averageLoss.definition,
  heikinAshi.definition,
  kst.definition,
  trix.definition,
  ...Object.values(patterns).map(({ definition }) => definition),
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
