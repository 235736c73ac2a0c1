import { readFileSync } from 'node:fs'
import type { ColumnSpec, Data, LaneArrays } from '../../src/indicators/column-spec.ts'
import { requireTestData } from '../support/test-data.ts'

/** One output of one column beside what another program made of the same candles. */
export interface Comparison {
  /** Canonical, with the switches that give the other's convention. */
  readonly key: string
  readonly output: string
  /** Rows for which both have a value. */
  readonly rows: number
  /** Largest, relative to the other's value where that is above 1. */
  readonly difference: number
  /** Largest, in their unit. */
  readonly absolute: number
  /** Rows for which only we, or only they, have one. */
  readonly onlyOurs: number
  readonly onlyTheirs: number
}

/**
 * @param wanted NaN where the other has no value.
 * @param scale what our values are multiplied by to be in the other's unit.
 */
export function compare(
  spec: ColumnSpec,
  output: string,
  data: Data | LaneArrays,
  wanted: ArrayLike<number>,
  scale = 1,
): Comparison {
  const given = spec.over(data)
  const values = given instanceof Float64Array ? given : given[output]
  if (values === undefined) throw new Error(`${spec.key} has no output ${output}`)
  let [rows, difference, absolute, onlyOurs, onlyTheirs] = [0, 0, 0, 0, 0]
  for (let row = 0; row < wanted.length; row++) {
    const [ours, theirs] = [scale * values[row]!, wanted[row]!]
    if (Number.isNaN(ours) && Number.isNaN(theirs)) continue
    if (Number.isNaN(theirs)) onlyOurs++
    else if (Number.isNaN(ours)) onlyTheirs++
    else {
      rows++
      const distance = Math.abs(ours - theirs)
      absolute = Math.max(absolute, distance)
      difference = Math.max(difference, distance / Math.max(1, Math.abs(theirs)))
    }
  }
  return { key: spec.key, output, rows, difference, absolute, onlyOurs, onlyTheirs }
}

export function readGolden(path: string): string {
  return readFileSync(requireTestData(path), 'utf8').replace(/^\uFEFF/, '')
}
