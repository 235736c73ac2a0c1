import * as averages from './hand-averages.ts'
import * as channels from './hand-channels.ts'
import * as oscillators from './hand-oscillators.ts'
import { handTrueRange, type Lanes } from './hand-ranges.ts'
import * as volumes from './hand-volumes.ts'

type HandLoop = (lanes: Lanes) => readonly Float64Array[]

/** A hand loop for each fold beside the six in `rivals.ts`, with its default parameters; outputs in its order. */
export const HAND_LOOPS: Readonly<Record<string, HandLoop>> = {
  adl: lanes => [volumes.handAdl(lanes)],
  adx: lanes => channels.handAdx(lanes, 14),
  alma: ({ close }) => [averages.handAlma(close, 9, 0.85, 6)],
  aroon: lanes => channels.handAroon(lanes, 25),
  'awesome-oscillator': lanes => [oscillators.handAwesome(lanes, 5, 34)],
  cci: lanes => [oscillators.handCci(lanes, 20)],
  'chaikin-oscillator': lanes => [volumes.handChaikinOscillator(lanes, 3, 10)],
  chandelier: lanes => channels.handChandelier(lanes, 22, 3),
  choppiness: lanes => [channels.handChoppiness(lanes, 14)],
  cmf: lanes => [volumes.handCmf(lanes, 20)],
  cmo: ({ close }) => [oscillators.handCmo(close, 14)],
  dema: ({ close }) => [averages.handDema(close, 20)],
  donchian: lanes => channels.handDonchian(lanes, 20),
  'force-index': lanes => [volumes.handForceIndex(lanes, 13)],
  hl2: lanes => [volumes.handHl2(lanes)],
  hlc3: lanes => [volumes.handHlc3(lanes)],
  hma: ({ close }) => [averages.handHma(close, 20)],
  ichimoku: lanes => channels.handIchimoku(lanes, 9, 26, 52, 26),
  kama: ({ close }) => [averages.handKama(close, 10, 2, 30)],
  keltner: lanes => channels.handKeltner(lanes, 20, 10, 2),
  lsma: ({ close }) => [averages.handLsma(close, 25)],
  mfi: lanes => [volumes.handMfi(lanes, 14)],
  momentum: ({ close }) => [oscillators.handMomentum(close, 10)],
  natr: lanes => [channels.handNatr(lanes, 14)],
  obv: lanes => [volumes.handObv(lanes)],
  ohlc4: lanes => [volumes.handOhlc4(lanes)],
  ppo: ({ close }) => oscillators.handPpo(close, 12, 26, 9),
  psar: lanes => [channels.handPsar(lanes, 0.02, 0.2)],
  roc: ({ close }) => [oscillators.handRoc(close, 10)],
  smma: ({ close }) => [averages.handSmma(close, 20)],
  stddev: ({ close }) => [channels.handStddev(close, 20)],
  'stoch-rsi': ({ close }) => volumes.handStochRsi(close, 14, 14, 3),
  stochastic: lanes => oscillators.handStochastic(lanes, 14, 3, 3),
  supertrend: lanes => channels.handSupertrend(lanes, 10, 3),
  t3: ({ close }) => [averages.handT3(close, 5, 0.7)],
  tema: ({ close }) => [averages.handTema(close, 20)],
  'true-range': lanes => [handTrueRange(lanes)],
  tsi: ({ close }) => [oscillators.handTsi(close, 25, 13)],
  'ulcer-index': ({ close }) => [channels.handUlcer(close, 14)],
  'ultimate-oscillator': lanes => [oscillators.handUltimate(lanes, 7, 14, 28)],
  vortex: lanes => channels.handVortex(lanes, 14),
  vwap: lanes => [volumes.handVwap(lanes)],
  vwma: ({ close, volume }) => [averages.handVwma(close, volume, 20)],
  'williams-r': lanes => [oscillators.handWilliamsR(lanes, 14)],
  wma: ({ close }) => [averages.handWma(close, 20)],
  zlema: ({ close }) => [averages.handZlema(close, 20)],
}
