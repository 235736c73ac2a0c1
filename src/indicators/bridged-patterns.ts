import { BridgedFold, technicalIndicators, type BridgedStream } from './bridge.ts'
import { defineIndicator, type Indicator } from './define.ts'

/** Candlestick patterns of technicalindicators: its function, and how many candles it looks at. */
const PATTERNS = {
  abandonedBaby: ['abandoned-baby', 'abandonedbaby', 3],
  bearish: ['bearish', 'bearish', 5],
  bearishEngulfing: ['bearish-engulfing', 'bearishengulfingpattern', 2],
  bearishHammer: ['bearish-hammer', 'bearishhammerstick', 1],
  bearishHarami: ['bearish-harami', 'bearishharami', 2],
  bearishHaramiCross: ['bearish-harami-cross', 'bearishharamicross', 2],
  bearishInvertedHammer: ['bearish-inverted-hammer', 'bearishinvertedhammerstick', 1],
  bearishMarubozu: ['bearish-marubozu', 'bearishmarubozu', 1],
  bearishSpinningTop: ['bearish-spinning-top', 'bearishspinningtop', 1],
  bullish: ['bullish', 'bullish', 5],
  bullishEngulfing: ['bullish-engulfing', 'bullishengulfingpattern', 2],
  bullishHammer: ['bullish-hammer', 'bullishhammerstick', 1],
  bullishHarami: ['bullish-harami', 'bullishharami', 2],
  bullishHaramiCross: ['bullish-harami-cross', 'bullishharamicross', 2],
  bullishInvertedHammer: ['bullish-inverted-hammer', 'bullishinvertedhammerstick', 1],
  bullishMarubozu: ['bullish-marubozu', 'bullishmarubozu', 1],
  bullishSpinningTop: ['bullish-spinning-top', 'bullishspinningtop', 1],
  darkCloudCover: ['dark-cloud-cover', 'darkcloudcover', 2],
  doji: ['doji', 'doji', 1],
  downsideTasukiGap: ['downside-tasuki-gap', 'downsidetasukigap', 3],
  dragonflyDoji: ['dragonfly-doji', 'dragonflydoji', 1],
  eveningDojiStar: ['evening-doji-star', 'eveningdojistar', 3],
  eveningStar: ['evening-star', 'eveningstar', 3],
  gravestoneDoji: ['gravestone-doji', 'gravestonedoji', 1],
  hammer: ['hammer', 'hammerpattern', 5],
  hammerUnconfirmed: ['hammer-unconfirmed', 'hammerpatternunconfirmed', 5],
  hangingMan: ['hanging-man', 'hangingman', 5],
  hangingManUnconfirmed: ['hanging-man-unconfirmed', 'hangingmanunconfirmed', 5],
  morningDojiStar: ['morning-doji-star', 'morningdojistar', 3],
  morningStar: ['morning-star', 'morningstar', 3],
  piercingLine: ['piercing-line', 'piercingline', 2],
  shootingStar: ['shooting-star', 'shootingstar', 5],
  shootingStarUnconfirmed: ['shooting-star-unconfirmed', 'shootingstarunconfirmed', 5],
  threeBlackCrows: ['three-black-crows', 'threeblackcrows', 3],
  threeWhiteSoldiers: ['three-white-soldiers', 'threewhitesoldiers', 3],
  tweezerBottom: ['tweezer-bottom', 'tweezerbottom', 5],
  tweezerTop: ['tweezer-top', 'tweezertop', 5],
} as const

type PatternName = keyof typeof PATTERNS
/** No parameters; 1 where the pattern ends with this candle, 0 where it does not, NaN before there are enough candles. */
export type PatternIndicator = Indicator<Record<never, never>, 'value'>

/**
 * Candlestick patterns, by name: `patterns.doji()`, `patterns.morningStar()`. The value is 1 where the pattern ends
 * with this candle, else 0. `bullish` and `bearish` are 1 where any of theirs is.
 */
export const patterns = Object.fromEntries(
  Object.entries(PATTERNS).map(([key, [name, of, candles]]) => [key, patternIndicator(name, of, candles)]),
) as unknown as { readonly [N in PatternName]: PatternIndicator }

function patternIndicator(name: string, of: (typeof PATTERNS)[PatternName][1], candles: number): PatternIndicator {
  return defineIndicator({
    name,
    params: {},
    inputs: ['open', 'high', 'low', 'close'],
    outputs: ['value'],
    source: `technicalindicators, ${of}`,
    bridged: true,
    warmup: () => candles - 1,
    settle: () => candles - 1,
    fold: () =>
      new BridgedFold({
        lanes: ['open', 'high', 'low', 'close'],
        warmups: [candles - 1],
        memory: candles,
        absent: Number.NaN,
        open: () => overWindow(candles, technicalIndicators()[of]),
      }),
  })
}

interface CandleWindow {
  readonly open: number[]
  readonly high: number[]
  readonly low: number[]
  readonly close: number[]
}

/** The library looks at the last candles of arrays; these hold no more than it needs. */
function overWindow(candles: number, has: (window: CandleWindow) => boolean): BridgedStream {
  const window: CandleWindow = { open: [], high: [], low: [], close: [] }
  const lanes = [window.open, window.high, window.low, window.close]
  return row => {
    lanes.forEach((lane, index) => {
      if (lane.length === candles) lane.shift()
      lane.push(row[index]!)
    })
    // With fewer it would warn on the console.
    return window.open.length < candles ? undefined : [has(window) ? 1 : 0]
  }
}
