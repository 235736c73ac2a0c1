/** What becomes of an indicator's outputs when the prices change their unit. */
export interface Laws {
  /** By output: by which power of it they follow a price that is multiplied. */
  readonly scale: readonly number[]
  /** By output: how much of an amount they follow that is added to all prices; undefined when it is not that simple. */
  readonly shift?: readonly number[]
  /** What the digits after an addition are relative to, of outputs that know no unit. */
  readonly shiftSize?: number
}

/** A mean of prices moves with them. */
const MEAN: Laws = { scale: [1], shift: [1] }
/** A difference of prices sees only their unit. */
const DIFFERENCE: Laws = { scale: [1], shift: [0] }
/** A quotient of differences sees neither unit nor origin. */
const QUOTIENT: Laws = { scale: [0], shift: [0] }
/** A part of the price sees no unit. */
const SHARE: Laws = { scale: [0] }

export const LAWS: Readonly<Record<string, Laws>> = {
  sma: MEAN,
  ema: MEAN,
  wma: MEAN,
  dema: MEAN,
  tema: MEAN,
  hma: MEAN,
  kama: MEAN,
  smma: MEAN,
  vwma: MEAN,
  lsma: MEAN,
  t3: MEAN,
  zlema: MEAN,
  alma: MEAN,
  hl2: MEAN,
  hlc3: MEAN,
  ohlc4: MEAN,
  momentum: DIFFERENCE,
  'awesome-oscillator': DIFFERENCE,
  macd: { scale: [1, 1, 1], shift: [0, 0, 0] },
  rsi: QUOTIENT,
  cci: QUOTIENT,
  'williams-r': QUOTIENT,
  tsi: QUOTIENT,
  'ultimate-oscillator': QUOTIENT,
  cmo: QUOTIENT,
  stochastic: { scale: [0, 0], shift: [0, 0] },
  'stoch-rsi': { scale: [0, 0] },
  roc: SHARE,
  ppo: { scale: [0, 0, 0] },
  atr: DIFFERENCE,
  'true-range': DIFFERENCE,
  stddev: DIFFERENCE,
  natr: SHARE,
  'ulcer-index': SHARE,
  obv: QUOTIENT,
  vwap: MEAN,
  mfi: SHARE,
  cmf: QUOTIENT,
  adl: QUOTIENT,
  'force-index': DIFFERENCE,
  choppiness: QUOTIENT,
  psar: MEAN,
  bollinger: { scale: [1, 1, 1, 0, 0] },
  keltner: { scale: [1, 1, 1], shift: [1, 1, 1] },
  donchian: { scale: [1, 1, 1], shift: [1, 1, 1] },
  adx: { scale: [0, 0, 0], shift: [0, 0, 0] },
  aroon: { scale: [0, 0, 0], shift: [0, 0, 0] },
  supertrend: { scale: [1, 1, 1, 0] },
  ichimoku: { scale: [1, 1, 1, 1, 1], shift: [1, 1, 1, 1, 1] },
  vortex: { scale: [0, 0], shift: [0, 0] },
  'chaikin-oscillator': QUOTIENT,
  chandelier: { scale: [1, 1], shift: [1, 1] },
}
