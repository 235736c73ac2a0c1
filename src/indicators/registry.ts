import { badInput } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { IndicatorDefinition } from './define.ts'
import { ema } from './ema.ts'
import { hl2 } from './hl2.ts'
import { hlc3 } from './hlc3.ts'
import { macd } from './macd.ts'
import { ohlc4 } from './ohlc4.ts'
import { rsi } from './rsi.ts'
import { sma } from './sma.ts'
import { wma } from './wma.ts'

/** Every indicator there is, by name. A new one is added here and nowhere else. */
export const indicators: readonly IndicatorDefinition[] = [
  ema.definition,
  hl2.definition,
  hlc3.definition,
  macd.definition,
  ohlc4.definition,
  rsi.definition,
  sma.definition,
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
