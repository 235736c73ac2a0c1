/** Every output by the formula alone, over finite values: slow, and written to be checked by eye. */
export type Oracle = (
  values: readonly number[],
  params: Readonly<Record<string, number>>,
) => Readonly<Record<string, readonly number[]>>

/**
 * What 1e-9 is relative to, by row, where it is not the value itself: a MACD near 0 is the difference of two averages,
 * and an RSI near 0 has a scale of 100.
 */
export const scales: Readonly<Record<string, (...given: Parameters<Oracle>) => readonly number[]>> = {
  rsi: values => values.map(() => 1),
  macd: (values, { slow = 0, signal = 0 }) => {
    const average = emaOf(values, slow)
    return average.map((_, row) => Math.max(...average.slice(Math.max(slow - 1, row - 3 * signal), row + 1)))
  },
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const empty = (length: number): number[] => Array.from({ length }, () => Number.NaN)

/** NaN before the value of index `period − 1`; values that are NaN at the start are left out. */
function emaOf(values: readonly number[], period: number): number[] {
  const first = values.findIndex(value => !Number.isNaN(value))
  const result = empty(values.length)
  if (first < 0) return result
  const seed = first + period - 1
  for (let row = seed; row < values.length; row++)
    result[row] =
      row === seed
        ? mean(values.slice(first, first + period))
        : result[row - 1]! + (2 / (period + 1)) * (values[row]! - result[row - 1]!)
  return result
}

function wilder(changes: readonly number[], period: number): number[] {
  const result = empty(changes.length)
  for (let row = period - 1; row < changes.length; row++)
    result[row] =
      row === period - 1 ? mean(changes.slice(0, period)) : (result[row - 1]! * (period - 1) + changes[row]!) / period
  return result
}

/** By name of the indicator. The contract test asks for one per registered indicator. */
export const oracles: Readonly<Record<string, Oracle>> = {
  sma: (values, { period = 0 }) => ({
    value: values.map((_, row) => (row < period - 1 ? Number.NaN : mean(values.slice(row - period + 1, row + 1)))),
  }),

  ema: (values, { period = 0 }) => ({ value: emaOf(values, period) }),

  wma: (values, { period = 0 }) => ({
    value: values.map((_, row) => {
      if (row < period - 1) return Number.NaN
      const window = values.slice(row - period + 1, row + 1)
      const weighted = window.reduce((sum, value, index) => sum + value * (index + 1), 0)
      return weighted / ((period * (period + 1)) / 2)
    }),
  }),

  rsi: (values, { period = 0 }) => {
    const changes = values.slice(1).map((value, row) => value - values[row]!)
    const gains = wilder(
      changes.map(change => Math.max(change, 0)),
      period,
    )
    const losses = wilder(
      changes.map(change => Math.max(-change, 0)),
      period,
    )
    const rsi = gains.map((gain, row) => (gain + losses[row]! === 0 ? 50 : (100 * gain) / (gain + losses[row]!)))
    return { value: values.length === 0 ? [] : [Number.NaN, ...rsi] }
  },

  macd: (values, { fast = 0, slow = 0, signal = 0 }) => {
    const slowEma = emaOf(values, slow)
    const macd = emaOf(values, fast).map((value, row) => value - slowEma[row]!)
    const smoothed = emaOf(macd, signal)
    return { macd, signal: smoothed, histogram: macd.map((value, row) => value - smoothed[row]!) }
  },
}
