const FIRST_BYTES = 16 * 1024
/** Of one UTF-16 code unit in UTF-8. */
const BYTES_PER_UNIT_MAX = 3
const LINE_FEED = 0x0a

/** Lines as bytes, one after the other: a text of many small strings would be moved about by every collection of garbage. */
export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0
  #count = 0

  /** Lines. */
  get count(): number {
    return this.#count
  }

  /** Bytes. */
  get length(): number {
    return this.#length
  }

  add(line: string): void {
    const needed = this.#length + line.length * BYTES_PER_UNIT_MAX + 1
    if (needed > this.#bytes.length) this.#grow(needed)
    if (this.#count > 0) this.#bytes[this.#length++] = LINE_FEED
    this.#length += this.#bytes.write(line, this.#length, 'utf8')
    this.#count++
  }

  /** All lines, with a line feed between two. Not a copy. */
  text(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
