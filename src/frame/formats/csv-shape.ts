import type { LaneFields } from './lanes.ts'

export const NEWLINE = 10

/** What each row of a file looks like. */
export interface CsvShape {
  /** The byte between fields. */
  readonly separator: number
  readonly fieldCount: number
  readonly at: LaneFields
}
