import type { ColumnSpec } from '../indicators/column-spec.ts'

/**
 * What a strategy waits for before it decides: `warmup`, the first value of each column, as published results assume;
 * or `settle`, as many rows as it takes until the first row of the data no longer matters to 1e-9, so that it decides
 * the same wherever its candles begin.
 */
export type WaitFor = 'warmup' | 'settle'

export const WAITS = ['warmup', 'settle'] as const satisfies readonly WaitFor[]

/**
 * Rows before the one that a column is first decided on.
 * @param rowsMax most rows that are waited for. What adds up all rows since the first never settles, and no wait helps:
 *   it is ready with its first value.
 */
export function rowsToWait(
  { warmup, settle }: Pick<ColumnSpec, 'warmup' | 'settle'>,
  waitFor: WaitFor,
  rowsMax: number,
): number {
  if (waitFor === 'warmup' || !Number.isFinite(settle)) return warmup
  return Math.max(warmup, Math.min(settle, rowsMax - 1))
}
