import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const START = Date.UTC(2024, 0, 1)
export const HOUR = 3_600_000

/** A row of ccxt's form: a price that swings, so that strategies find something to do. */
export function candleRow(index: number): (number | string | null)[] {
  const close = 100 + 10 * Math.sin(index / 5)
  const open = 100 + 10 * Math.sin((index - 1) / 5)
  return [START + index * HOUR, open, Math.max(open, close) + 1, Math.min(open, close) - 1, close, 5]
}

/** Writes `count` hourly candles as ccxt rows; `change` may spoil them. */
export function writeCandles(
  folder: string,
  name: string,
  count: number,
  change: (rows: (number | string | null)[][]) => void = () => undefined,
): string {
  const rows = Array.from({ length: count }, (_, index) => candleRow(index))
  change(rows)
  writeFileSync(join(folder, name), JSON.stringify(rows))
  return name
}
