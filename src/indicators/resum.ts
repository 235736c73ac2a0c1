/** A running sum gathers rounding errors. It is summed anew at fixed times, so that frames of any origin agree. */
export const RESUM_EVERY_MS = 7 * 86_400_000
/** And when it has grown or shrunk this much: beside a sum of 1e9, errors are as large as a sum of 1e-7 that follows. */
export const RESUM_FACTOR = 1024

/** First of the rows `[from, to)` that opens at `timeMs` or later; `to` when there is none. */
export function resumRow(times: Float64Array, from: number, to: number, timeMs: number): number {
  if (!(times[to - 1]! >= timeMs)) return to
  // Where it lies when no bar is missing; to search for it would read memory all over the frame.
  const likely = from + Math.ceil((timeMs - times[from]!) / (times[from + 1]! - times[from]!))
  if (likely > from && likely < to && times[likely]! >= timeMs && times[likely - 1]! < timeMs) return likely
  let low = from
  let high = to - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
