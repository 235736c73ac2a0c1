import { packLines, type LineRun } from '../line-run.ts'
import type { DroppedPoints } from './outbox.ts'
import { importanceOf } from './importance.ts'

/** Lines in memory, until they go to disk together. */
export class Gathered {
  readonly #lines = new Map<string, string[]>()
  #count = 0
  #characters = 0
  #oldestAt: number | undefined

  get count(): number {
    return this.#count
  }

  get characters(): number {
    return this.#characters
  }

  /** When the oldest was added, real UTC ms; undefined when there is none. */
  get oldestAt(): number | undefined {
    return this.#oldestAt
  }

  /** @param now when the first of them came, real UTC ms. */
  begin(now: number): void {
    this.#oldestAt = now
  }

  add(measurement: string, line: string): void {
    const lines = this.#lines.get(measurement)
    if (lines === undefined) this.#lines.set(measurement, [line])
    else lines.push(line)
    this.#count++
    this.#characters += line.length
  }

  /** All of it, packed by measurement. It stays until `clear`. */
  runs(): readonly LineRun[] {
    return [...this.#lines].map(([measurement, lines]) => packLines(measurement, lines))
  }

  clear(): void {
    this.#lines.clear()
    this.#count = 0
    this.#characters = 0
    this.#oldestAt = undefined
  }

  /** Forgets the least important oldest, so that at most `max` are left. @returns what went. */
  trim(max: number): readonly DroppedPoints[] {
    const dropped: DroppedPoints[] = []
    const leastFirst = [...this.#lines].sort(([a], [b]) => importanceOf(a) - importanceOf(b))
    for (const [measurement, lines] of leastFirst) {
      const surplus = Math.min(this.#count - max, lines.length)
      if (surplus <= 0) break
      const gone = lines.splice(0, surplus)
      if (lines.length === 0) this.#lines.delete(measurement)
      this.#count -= gone.length
      for (const line of gone) this.#characters -= line.length
      dropped.push({ measurement, points: gone.length })
    }
    if (this.#count === 0) this.clear()
    return dropped
  }
}
