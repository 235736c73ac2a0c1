/** `.05`, `.5`, and nothing for a whole number: hundredths as they stand behind a number. */
const HUNDREDTHS: readonly string[] = Array.from({ length: 100 }, (_, hundredths) =>
  hundredths === 0 ? '' : `.${String(hundredths).padStart(2, '0').replace(/0$/, '')}`,
)
/** With at most 15 digits two decimals are never the same number. */
const HUNDREDTHS_MAX = 1e15

/**
 * The same as `String(value)`, for a finite number. Prices on a grid of cents, which most are, come three times as fast: a
 * number that is a count of hundredths, with at most 15 digits, has no shorter form than that count written out.
 */
export function floatText(value: number): string {
  const hundredths = Math.round(value * 100)
  if (hundredths / 100 !== value || hundredths < 0 || hundredths > HUNDREDTHS_MAX) return String(value)
  const whole = Math.floor(hundredths / 100)
  return `${whole}${HUNDREDTHS[hundredths - whole * 100] ?? ''}`
}
