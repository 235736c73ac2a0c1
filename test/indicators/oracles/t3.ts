import { cascade, type Reference } from './oracle.ts'

export const t3: Reference = {
  values: (candles, { period, volumeFactor, seed }) => {
    const v = Number(volumeFactor)
    // A generalised double average, (1 + v) × e1 − v × e2, three times one of another: written out by powers of v.
    const e = cascade(candles, 6, Number(period), seed)
    const value = e[5]!.map(
      (e6, row) =>
        -v * v * v * e6 +
        (3 * v * v + 3 * v * v * v) * e[4]![row]! +
        (-6 * v * v - 3 * v - 3 * v * v * v) * e[3]![row]! +
        (1 + 3 * v + v * v * v + 3 * v * v) * e[2]![row]!,
    )
    return { value }
  },
  // Weights far above 1 that are set off against each other.
  scale: (candles, { period, seed }) => cascade(candles, 6, Number(period), seed)[4]!.map(value => 20 * value),
}
