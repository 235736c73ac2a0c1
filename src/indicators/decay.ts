/**
 * Rows after which a recursion has forgotten all but a part of where it started.
 * @param keep share of its state that it carries from row to row: `1 − 2 / (period + 1)` of an EMA.
 * @param part what may be left of the start.
 */
export function rowsToForget(keep: number, part: number): number {
  return keep <= 0 ? 1 : Math.ceil(Math.log(part) / Math.log(keep))
}

/**
 * The same of smoothings one behind another, each with the share `keep`: the start lingers longer, as the later ones
 * go on gathering what the first still lets through.
 */
export function rowsToForgetCascade(keep: number, part: number, depth: number): number {
  let rows = rowsToForget(keep, part)
  // What is left after t rows is keep^t times a polynomial of t; a few rounds find where both meet the part.
  for (let round = 0; round < 8; round++) {
    let linger = 0
    let term = 1
    for (let stage = 0; stage < depth; stage++) {
      linger += term
      term *= (rows * (1 - keep)) / (stage + 1)
    }
    rows = rowsToForget(keep, part / linger)
  }
  return rows + depth
}
