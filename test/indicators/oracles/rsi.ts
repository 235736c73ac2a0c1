import { changes, wilderOf, type Reference } from './oracle.ts'

export const rsi: Reference = {
  values: (candles, { period, flat }) => ({
    value: rsiOf(
      candles.map(({ close }) => close),
      Number(period),
      String(flat),
    ),
  }),
  scale: candles => candles.map(() => 1),
}

export function rsiOf(closes: readonly number[], period: number, flat: string): number[] {
  const moves = changes(closes)
  const gains = wilderOf(
    moves.map(move => (move < 0 ? 0 : move)),
    period,
  )
  const losses = wilderOf(
    moves.map(move => (move > 0 ? 0 : -move)),
    period,
  )
  return gains.map((gain, row) => {
    const loss = losses[row]!
    if (gain + loss === 0) return flat === 'empty' ? Number.NaN : Number(flat)
    return 100 - 100 / (1 + gain / loss)
  })
}
