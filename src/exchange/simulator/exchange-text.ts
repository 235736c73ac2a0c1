/** A price or amount as Binance writes it: eight digits behind the point, and more only if they are needed to mean the same number. */
export function exchangeText(value: number): string {
  const text = value.toFixed(8)
  if (Number(text) === value) return text
  const shortest = String(value)
  return shortest.includes('e') ? value.toFixed(40) : shortest
}
