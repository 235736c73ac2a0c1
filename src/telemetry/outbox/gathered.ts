import { packText, packTextAside, type LineRun } from '../line-run.ts'
import { LineBuffer } from './line-buffer.ts'

/** Lines in memory, until they go to disk together: by measurement, in runs. */
export class Gathered {
  /** When the first was added, real UTC ms. */
  readonly since: number
  readonly #runLinesMax: number
  readonly #full: { readonly measurement: string; readonly lines: LineBuffer }[] = []
  readonly #open = new Map<string, LineBuffer>()
  #count = 0
  #bytes = 0

  /** @param runLinesMax lines in a run at most. */
  constructor(since: number, runLinesMax: number) {
    this.since = since
    this.#runLinesMax = runLinesMax
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  add(measurement: string, line: string): void {
    let lines = this.#open.get(measurement)
    if (lines === undefined) {
      lines = new LineBuffer()
      this.#open.set(measurement, lines)
    }
    const before = lines.length
    lines.add(line)
    this.#count++
    this.#bytes += lines.length - before
    if (lines.count < this.#runLinesMax) return
    this.#full.push({ measurement, lines })
    this.#open.delete(measurement)
  }

  /** All of it, packed in this thread. */
  pack(): readonly LineRun[] {
    return this.#pieces().map(({ measurement, lines }) => packText(measurement, lines.count, lines.text()))
  }

  /** The same outside this thread. */
  packAside(): Promise<readonly LineRun[]> {
    return Promise.all(
      this.#pieces().map(({ measurement, lines }) => packTextAside(measurement, lines.count, lines.text())),
    )
  }

  #pieces() {
    return [...this.#full, ...[...this.#open].map(([measurement, lines]) => ({ measurement, lines }))]
  }
}
