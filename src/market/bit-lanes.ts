/**
 * Lanes of whole numbers in as few bits as the largest of each block needs (frame of reference, as in Lemire and Boytsov,
 * "Decoding billions of integers per second through vectorization"). Volatility comes in clusters, so blocks are short.
 * Where a value stands does not depend on the values before it: that is what makes reading fast.
 */
const BLOCK_ROWS = 32
const WIDTH_BITS = 6
/** What one look at the bits can always give, whatever the offset in a word. */
const PART_BITS = 25
const PART = 2 ** PART_BITS
/** Widest value: a whole number that a double holds exactly. */
const WIDTH_MAX = 53

/** Writes lanes behind each other, the lowest bits first, into 32-bit words. */
export class BitLaneWriter {
  #words = new Uint32Array(256)
  #position = 0

  /** @param lane whole numbers from 0 to below 2^53. */
  add(lane: Float64Array): void {
    for (let from = 0; from < lane.length; from += BLOCK_ROWS) {
      const to = Math.min(lane.length, from + BLOCK_ROWS)
      let largest = 0
      for (let row = from; row < to; row++) largest = Math.max(largest, lane[row]!)
      const width = widthOf(largest)
      this.#makeRoom(WIDTH_BITS + (to - from) * width)
      this.#put(width, WIDTH_BITS)
      for (let row = from; row < to; row++) this.#putValue(lane[row]!, width)
    }
  }

  /** What was written, with a spare word: a reader looks ahead. */
  words(): Uint32Array {
    return this.#words.slice(0, ((this.#position + 31) >>> 5) + 1)
  }

  #putValue(value: number, width: number): void {
    if (width <= PART_BITS) {
      this.#put(value, width)
      return
    }
    const low = value % PART
    this.#put(low, PART_BITS)
    this.#put((value - low) / PART, width - PART_BITS)
  }

  /** @param count at most 28. */
  #put(value: number, count: number): void {
    const word = this.#position >>> 5
    const offset = this.#position & 31
    const words = this.#words
    words[word] = words[word]! | (value << offset)
    if (offset + count > 32) words[word + 1] = value >>> (32 - offset)
    this.#position += count
  }

  #makeRoom(bits: number): void {
    const wanted = ((this.#position + bits) >>> 5) + 3
    if (wanted <= this.#words.length) return
    const grown = new Uint32Array(Math.max(wanted, this.#words.length * 2))
    grown.set(this.#words)
    this.#words = grown
  }
}

/**
 * Reads a lane of numbers below 2^25 into `out[from, to)`. Behind the end of the words come zeros.
 * @returns the position of the bit behind it; NaN when the lane holds larger ones.
 */
export function readSmallLane(words: Uint32Array, position: number, out: Int32Array, from: number, to: number): number {
  let at = position
  for (let block = from; block < to; block += BLOCK_ROWS) {
    const end = Math.min(to, block + BLOCK_ROWS)
    const width = bitsAt(words, at) & (2 ** WIDTH_BITS - 1)
    if (width > PART_BITS) return Number.NaN
    const mask = (1 << width) - 1
    at += WIDTH_BITS
    for (let row = block; row < end; row++) {
      out[row] = bitsAt(words, at) & mask
      at += width
    }
  }
  return at
}

/** The same for numbers below 2^53. */
export function readLane(words: Uint32Array, position: number, out: Float64Array, from: number, to: number): number {
  let at = position
  for (let block = from; block < to; block += BLOCK_ROWS) {
    const end = Math.min(to, block + BLOCK_ROWS)
    const width = bitsAt(words, at) & (2 ** WIDTH_BITS - 1)
    at += WIDTH_BITS
    if (width > WIDTH_MAX) return Number.NaN
    const lowMask = (1 << Math.min(width, PART_BITS)) - 1
    const highMask = (1 << Math.max(0, width - PART_BITS)) - 1
    for (let row = block; row < end; row++) {
      const low = bitsAt(words, at) & lowMask
      out[row] = highMask === 0 ? low : low + (bitsAt(words, at + PART_BITS) & highMask) * PART
      at += width
    }
  }
  return at
}

/** 32 bits from a position on. */
function bitsAt(words: Uint32Array, position: number): number {
  const word = position >>> 5
  const offset = position & 31
  // A shift by 32 is one by 0 in JavaScript: hence two.
  return (words[word]! >>> offset) | ((words[word + 1]! << (31 - offset)) << 1)
}

function widthOf(value: number): number {
  return value < PART ? 32 - Math.clz32(value) : PART_BITS + 32 - Math.clz32(Math.floor(value / PART))
}
