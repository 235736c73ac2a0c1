import type { Dialect } from './parsed-file.ts'

/** How many rows a report names one by one; the counts are of all. */
export const REPORTED_ROWS_MAX = 100

export interface RowNote {
  /** Line or row in the file, from 1: see `unit`. */
  readonly row: number
  readonly reason: string
}

/** What became of a file's rows: `rows` = `taken` + `refusedCount` + `duplicates` + `revised`. */
export interface LoadReport {
  readonly format: Dialect
  /** What row numbers count: lines of the file, or rows of its list. */
  readonly unit: 'line' | 'row'
  /** Rows in the file, without header and blank lines. */
  readonly rows: number
  /** Rows in the frame. */
  readonly taken: number
  /** Rows that came after a later one. They were sorted in. */
  readonly outOfOrder: number
  /** Rows equal to one that was there. They were dropped. */
  readonly duplicates: number
  /** Rows with the time of an earlier one and other values. The first is kept and marked. */
  readonly revised: number
  /** Of the refused: rows whose time falls on no bar. */
  readonly misaligned: number
  /** Of the refused: all others. */
  readonly invalid: number
  readonly newestFirst: boolean
  /** Rows whose times are written as on a 12-hour clock, with AM or PM. */
  readonly twelveHours: number
  readonly refusedCount: number
  /** The first of them. */
  readonly refused: readonly RowNote[]
  readonly repairedCount: number
  /** The first of them. */
  readonly repaired: readonly RowNote[]
}
