/** First in, first out; taking from the front costs nothing per line that stays. */
export class LineQueue {
  #lines: string[] = []
  #head = 0

  get length(): number {
    return this.#lines.length - this.#head
  }

  push(line: string): void {
    this.#lines.push(line)
  }

  /** Takes up to `count` lines from the front. */
  take(count: number): string[] {
    const taken = this.#lines.slice(this.#head, this.#head + count)
    this.#advance(taken.length)
    return taken
  }

  /** Forgets the oldest line. */
  dropOldest(): void {
    if (this.length > 0) this.#advance(1)
  }

  #advance(count: number): void {
    this.#lines.fill('', this.#head, this.#head + count)
    this.#head += count
    if (this.#head < this.#lines.length / 2) return
    this.#lines = this.#lines.slice(this.#head)
    this.#head = 0
  }
}
