/** A request that took so long is long enough. */
const COMFORTABLE_MS = 1_000
/** After so many requests at a size that the server had set, a larger one is tried. */
const TRIES_BEFORE_GROWING = 100

/** How many lines a request takes: more while there are more and they go through, fewer when the server says so. */
export class RequestSize {
  readonly #max: number
  #lines: number
  #ceiling: number
  #atCeiling = 0

  /** @param min what it begins with. */
  constructor(min: number, max: number) {
    this.#lines = min
    this.#max = Math.max(min, max)
    this.#ceiling = this.#max
  }

  /** How many to take together. */
  get lines(): number {
    return this.#lines
  }

  /** More than this the server would not take. */
  get ceiling(): number {
    return this.#ceiling
  }

  /** The server took so many lines. */
  took(lines: number, tookMs: number): void {
    if (tookMs > COMFORTABLE_MS || lines < this.#lines / 2) return
    if (this.#lines < this.#ceiling) this.#lines = Math.min(this.#lines * 2, this.#ceiling)
    else if (this.#ceiling < this.#max && ++this.#atCeiling >= TRIES_BEFORE_GROWING) this.#setCeiling(this.#ceiling * 2)
  }

  /** So many were too many for it: it said so, or gave no answer in time. */
  refused(lines: number): void {
    this.#setCeiling(Math.max(1, Math.floor(lines / 2)))
    this.#lines = Math.min(this.#lines, this.#ceiling)
  }

  #setCeiling(lines: number): void {
    this.#ceiling = Math.min(lines, this.#max)
    this.#atCeiling = 0
  }
}
