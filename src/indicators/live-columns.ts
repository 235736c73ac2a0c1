import type { ComputedColumns } from './computed.ts'

/** Columns by series for as long as anybody holds them: it keeps none alive. */
export class LiveColumns {
  readonly #bySeries = new Map<string, WeakRef<ComputedColumns>[]>()

  add(seriesKey: string, columns: ComputedColumns): void {
    const others = (this.#bySeries.get(seriesKey) ?? []).filter(reference => reference.deref() !== undefined)
    this.#bySeries.set(seriesKey, [...others, new WeakRef(columns)])
  }

  of(seriesKey: string): readonly ComputedColumns[] {
    return (this.#bySeries.get(seriesKey) ?? [])
      .map(reference => reference.deref())
      .filter(columns => columns !== undefined)
  }
}
