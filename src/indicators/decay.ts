/**
 * Rows after which a recursion has forgotten all but a part of where it started.
 * @param keep share of its state that it carries from row to row: `1 − 2 / (period + 1)` of an EMA.
 * @param part what may be left of the start.
 */
export function rowsToForget(keep: number, part: number): number {
  return keep <= 0 ? 1 : Math.ceil(Math.log(part) / Math.log(keep))
}
