/**
 * Lanes of whole numbers in as few bits as the largest of each block needs (frame of reference, as in Lemire and Boytsov,
 * "Decoding billions of integers per second through vectorization"). Volatility comes in clusters, so blocks are short.
 * Where a value stands does not depend on the values before it: that is what makes reading fast.
 */
const BLOCK_ROWS = 32
const WIDTH_BITS = 6
const WIDTH_MASK = 2 ** WIDTH_BITS - 1
/** What one look at the bits can always give, whatever the offset in a byte. */
const PART_BITS = 25
const PART = 2 ** PART_BITS
/** Widest value: a whole number that a double holds exactly. */
const WIDTH_MAX = 53

/** Behind the bits: the last look goes beyond them. */
const SPARE_BYTES = 4

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
 * Reads a lane of numbers below 2^25 into `out[from, to)`.
 * @param bits what a writer wrote, with its spare word.
 * @returns the position of the bit behind it; NaN when the bits end before, or the lane holds larger ones.
 */
export function readSmallLane(bits: DataView, position: number, out: Int32Array, from: number, to: number): number {
  let at = position
  for (let block = from; block < to; block += BLOCK_ROWS) {
    const end = Math.min(to, block + BLOCK_ROWS)
    const width = blockWidth(bits, at, end - block)
    if (!(width <= PART_BITS)) return Number.NaN
    at += WIDTH_BITS
    const mask = (1 << width) - 1
    for (let row = block; row < end; row++) {
      out[row] = bitsAt(bits, at) & mask
      at += width
    }
  }
  return at
}

/** The same for numbers below 2^53. */
export function readLane(bits: DataView, position: number, out: Float64Array, from: number, to: number): number {
  let at = position
  for (let block = from; block < to; block += BLOCK_ROWS) {
    const end = Math.min(to, block + BLOCK_ROWS)
    const width = blockWidth(bits, at, end - block)
    if (!(width <= WIDTH_MAX)) return Number.NaN
    at += WIDTH_BITS
    const lowMask = (1 << Math.min(width, PART_BITS)) - 1
    const highMask = (1 << Math.max(0, width - PART_BITS)) - 1
    if (highMask === 0)
      for (let row = block; row < end; row++) {
        out[row] = bitsAt(bits, at) & lowMask
        at += width
      }
    else
      for (let row = block; row < end; row++) {
        out[row] = (bitsAt(bits, at) & lowMask) + (bitsAt(bits, at + PART_BITS) & highMask) * PART
        at += width
      }
  }
  return at
}

/** Bits that each value of the block at a position takes; NaN when the bits end before the block does. */
function blockWidth(bits: DataView, position: number, count: number): number {
  const left = (bits.byteLength - SPARE_BYTES) * 8 - position - WIDTH_BITS
  if (!(left >= 0)) return Number.NaN
  const width = bitsAt(bits, position) & WIDTH_MASK
  return count * width <= left ? width : Number.NaN
}

/** 25 bits from a position on, and what follows them: one load, wherever the byte stands. */
function bitsAt(bits: DataView, position: number): number {
  return bits.getInt32(position >>> 3, true) >>> (position & 7)
}

function widthOf(value: number): number {
  return value < PART ? 32 - Math.clz32(value) : PART_BITS + 32 - Math.clz32(Math.floor(value / PART))
}
