import { crossedAbove, crossedBelow, defineStrategy, enterLong, exit, int, macd, number, rsi } from 'tallow'

/**
 * Buys when the MACD turns up while the RSI has room left, sells when the RSI is high or the MACD turns down.
 * An example to start from, not advice: it trades often, and fees eat most of what it finds.
 */
export default defineStrategy({
  params: {
    rsiPeriod: int(14, { min: 2, max: 200 }),
    buyBelow: number(55, { min: 0, max: 100 }),
    sellAbove: number(70, { min: 0, max: 100 }),
    fast: int(12, { min: 1, max: 200 }),
    slow: int(26, { min: 2, max: 400 }),
    signal: int(9, { min: 1, max: 200 }),
  },
  columns: ({ params }) => ({
    rsi: rsi({ period: params.rsiPeriod }),
    macd: macd({ fast: params.fast, slow: params.slow, signal: params.signal }),
  }),
  decide({ rsi, macd, position, params }) {
    if (!position && crossedAbove(macd.macd, macd.signal) && rsi.now < params.buyBelow)
      return enterLong({ reason: 'macd turned up' })
    if (position && rsi.now > params.sellAbove) return exit('rsi high')
    if (position && crossedBelow(macd.macd, macd.signal)) return exit('macd turned down')
  },
})
