/**
 * A growing row of float64. Readers hold the column, never `values`: the array is replaced when it grows, and a
 * reader of the old one would see stale memory.
 */
export class Column {
  values: Float64Array

  constructor(capacity: number) {
    this.values = new Float64Array(capacity).fill(Number.NaN)
  }

  /** Makes room for `rows` rows. New room holds NaN: no value yet. */
  reserve(rows: number): void {
    const before = this.values.length
    if (rows <= before) return
    const grown = new Float64Array(Math.max(rows, Math.ceil(before * 1.5), 16))
    grown.set(this.values)
    grown.fill(Number.NaN, before)
    this.values = grown
  }
}
