import type { Reference } from './oracle.ts'

export const psar: Reference = {
  values: (candles, { step, max, start, turn }) => {
    const value: number[] = candles.map(() => Number.NaN)
    const [first, second] = candles
    if (first === undefined || second === undefined) return { value }
    const guesses = start === 'guess'
    let isUp = !guesses || second.high + second.low >= first.high + first.low
    let sar = isUp ? first.low : first.high
    let extreme = isUp ? first.high : first.low
    let share = Number(step)
    let reversals = 0
    for (let row = 1; row < candles.length; row++) {
      const { high, low } = candles[row]!
      const held = candles.slice(Math.max(0, row - 2), row)
      const isHeld = guesses || row > 1
      sar = sar + share * (extreme - sar)
      if (isHeld && isUp) sar = Math.min(sar, ...held.map(candle => candle.low))
      if (isHeld && !isUp) sar = Math.max(sar, ...held.map(candle => candle.high))
      const isNewExtreme = isUp ? high > extreme : low < extreme
      const isReversal = isUp ? low < sar : high > sar
      if (isReversal) {
        const own = isUp ? high : low
        sar = turn === 'including' && isNewExtreme ? own : extreme
        isUp = !isUp
        extreme = isUp ? high : low
        share = Number(step)
        reversals++
      } else if (isNewExtreme) {
        extreme = isUp ? high : low
        share = Math.min(share + Number(step), Number(max))
      }
      const isFirstReversal = isReversal && reversals === 1
      if (guesses || (reversals > 0 && !isFirstReversal)) value[row] = sar
    }
    return { value }
  },
}
