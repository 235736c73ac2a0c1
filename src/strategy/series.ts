import { badInput } from '../domain/errors.ts'
import type { Column } from '../frame/column.ts'
import type { Cursor } from './cursor.ts'

/** One column as a strategy sees it: the value at the candle being decided, and those before it. Nothing ahead. */
export class Series {
  readonly #column: Column
  readonly #cursor: Cursor

  constructor(column: Column, cursor: Cursor) {
    this.#column = column
    this.#cursor = cursor
  }

  /** The value at the candle being decided; NaN while there is none. */
  get now(): number {
    return this.#column.values[this.#cursor.row] ?? Number.NaN
  }

  /**
   * The value `candles` candles earlier: `ago(1)` is the one before. NaN before the first.
   * @throws bad input for a negative or fractional number: there is no way to look ahead.
   */
  ago(candles: number): number {
    if (!(candles >= 0) || !Number.isInteger(candles))
      throw badInput(`ago(${candles}): the number of candles must be a whole number, 0 or more`, {
        hint: 'ago(1) is the candle before the one being decided; nothing later can be read',
      })
    return this.#column.values[this.#cursor.row - candles] ?? Number.NaN
  }
}
