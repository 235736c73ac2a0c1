import { open, type FileHandle } from 'node:fs/promises'
import { readCsvLines, type ReadLines } from './csv-lines.ts'
import { NEWLINE, type CsvShape } from './csv-shape.ts'
import type { RawRows } from './raw-rows.ts'

/** So much text is in memory at a time, twice: small enough for the processor's cache, large enough for few reads. */
const BLOCK_BYTES = 524_288
/** Behind a range only the end of its last line is wanted. */
const OVERHANG_BYTES = 4_096

/** Lines that begin in bytes `[from, to)` of a file. */
export interface CsvRange {
  readonly path: string
  readonly from: number
  readonly to: number
  /** Whether a line begins at `from`, as it does at the first row. */
  readonly isFirst: boolean
  readonly shape: CsvShape
}

/** Memory for text: one block is taken apart while the next one is read. */
export type BlockMemory = readonly [Uint8Array, Uint8Array]

export function blockMemory(allocate: (bytes: number) => ArrayBufferLike, blockBytes = BLOCK_BYTES): BlockMemory {
  return [new Uint8Array(allocate(blockBytes)), new Uint8Array(allocate(blockBytes))]
}

/** Reads the lines of a range, a block of text at a time. @param line number of the first one. */
export async function readCsvBlocks(
  rows: RawRows,
  { path, from, to, isFirst, shape }: CsvRange,
  line: number,
  blocks: BlockMemory = blockMemory(bytes => new ArrayBuffer(bytes)),
): Promise<ReadLines> {
  const lines = new BlockLines(rows, shape, line)
  const file = await open(path, 'r')
  try {
    // The byte before tells whether a line begins right here.
    let isInside = isFirst
    for await (const block of blocksOf(file, isFirst ? from : from - 1, to, blocks)) {
      const skip = isInside ? 0 : block.indexOf(NEWLINE) + 1
      isInside ||= skip > 0
      if (isInside) lines.take(block.subarray(skip))
    }
    const ends: BlockMemory = [blocks[0].subarray(0, OVERHANG_BYTES), blocks[1].subarray(0, OVERHANG_BYTES)]
    if (lines.isOpen) for await (const block of blocksOf(file, to, Infinity, ends)) if (lines.end(block)) break
  } finally {
    await file.close()
  }
  return lines.close()
}

/** Puts lines together whose text comes in blocks. */
class BlockLines {
  readonly #rows: RawRows
  readonly #shape: CsvShape
  readonly #line: number
  /** What has come of a line that has not ended: copies, as the memory of blocks is used again. */
  #begun: Uint8Array[] = []
  #lines = 0
  #twelveHours = 0

  constructor(rows: RawRows, shape: CsvShape, line: number) {
    this.#rows = rows
    this.#shape = shape
    this.#line = line
  }

  /** Whether a line has begun and not ended. */
  get isOpen(): boolean {
    return this.#begun.length > 0
  }

  take(block: Buffer): void {
    const rest = this.isOpen ? this.#endLine(block) : block
    const end = rest.lastIndexOf(NEWLINE) + 1
    if (end > 0) this.#read(rest.subarray(0, end))
    if (end < rest.length) this.#begun.push(new Uint8Array(rest.subarray(end)))
  }

  /** Ends the line that has begun, and takes no other one. @returns whether it has ended. */
  end(block: Buffer): boolean {
    this.#endLine(block)
    return !this.isOpen
  }

  /** The last line of a file may lack its newline. */
  close(): ReadLines {
    if (this.isOpen) this.#read(Buffer.concat(this.#begun))
    this.#begun = []
    return { lines: this.#lines, twelveHours: this.#twelveHours }
  }

  /** @returns what stands behind the line that has begun. */
  #endLine(block: Buffer): Buffer {
    const end = block.indexOf(NEWLINE) + 1
    this.#begun.push(new Uint8Array(end > 0 ? block.subarray(0, end) : block))
    if (end === 0) return block.subarray(block.length)
    this.#read(Buffer.concat(this.#begun))
    this.#begun = []
    return block.subarray(end)
  }

  #read(text: Uint8Array): void {
    const { lines, twelveHours } = readCsvLines(this.#rows, text, 0, this.#line + this.#lines, this.#shape)
    this.#lines += lines
    this.#twelveHours += twelveHours
  }
}

/** Bytes `[from, to)`, in memory that is used again: a block is good until the next one is asked for. */
async function* blocksOf(
  file: FileHandle,
  from: number,
  to: number,
  memory: BlockMemory,
): AsyncGenerator<Buffer, void, undefined> {
  let [block, other] = memory
  let at = from
  const readInto = (target: Uint8Array): Promise<number> => {
    const reading = file.read(target, 0, Math.min(target.length, to - at), at).then(({ bytesRead }) => bytesRead)
    // It is awaited in its turn; until then a failure must not count as unhandled.
    reading.catch(() => undefined)
    return reading
  }
  let reading = readInto(block)
  while (at < to) {
    const length = await reading
    if (length === 0) return
    at += length
    // The next block comes from the disk while this one is taken apart.
    if (at < to) reading = readInto(other)
    yield Buffer.from(block.buffer, block.byteOffset, length)
    ;[block, other] = [other, block]
  }
}
