import { defineStrategy, enterLong, exit, int, number, rsi } from 'tallow'

/** Buys when the RSI is low, sells when it is high. No stop and no trend filter: the plain yardstick. */
export default defineStrategy({
  params: {
    period: int(14, { min: 2, max: 1000 }),
    buyBelow: number(30, { min: 0, max: 100 }),
    sellAbove: number(70, { min: 0, max: 100 }),
  },
  columns: ({ params }) => ({ rsi: rsi({ period: params.period }) }),
  decide({ rsi, position, params }) {
    if (!position && rsi.now < params.buyBelow) return enterLong({ reason: 'rsi low' })
    if (position && rsi.now > params.sellAbove) return exit('rsi high')
  },
})
