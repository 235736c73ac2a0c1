/** Measurements that are rows of the ledger: they go out from there, and never through the outbox. */
export const LEDGER_MEASUREMENTS: ReadonlySet<string> = new Set(['order', 'fill', 'trade', 'equity', 'decision'])

/** From the least important on. Not named here: users' own measurements, which are before all of these. */
const FROM_LEAST: readonly string[] = ['runtime', 'indicator', 'candle']

/**
 * What goes first when there is no room: the lowest. A user's own points (0), what the process tells of itself (1),
 * indicator columns (2), which can be computed again from candles (3), which can be fetched again; what is about money
 * (4) last, and that is in the ledger all the same.
 */
export function importanceOf(measurement: string): number {
  return LEDGER_MEASUREMENTS.has(measurement) ? FROM_LEAST.length + 1 : FROM_LEAST.indexOf(measurement) + 1
}

/** Whether Tallow writes it itself: its fields have types that nobody else may change. */
export function isReserved(measurement: string): boolean {
  return importanceOf(measurement) > 0
}
