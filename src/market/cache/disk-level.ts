import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { LRUCache } from 'lru-cache'

export interface DiskLevelOptions {
  /** A folder of its own: what lies there and is none of its files is left alone. */
  readonly folder: string
  /** All files together. */
  readonly sizeBytesMax: number
}

/** What is kept beside a value. */
export interface DiskEntry {
  readonly expiresAt: number
  readonly bytes: Uint8Array
}

const SUFFIX = '.cache'
const NAME = /^[0-9a-f]{40}\.cache$/
/** crc32 of all that follows, format, length of the key, expiry; then key and value. */
const HEADER_BYTES = 20
const FORMAT = 1

/**
 * Values in files, one each, bounded in bytes; the least recently used goes first. All of it can be made again, so nothing
 * is synced: what a power cut tears is found by its checksum and counts as not there. Whatever the disk refuses makes a
 * value absent, never an error.
 */
export class DiskLevel {
  readonly #folder: string
  readonly #files: LRUCache<string, number>
  readonly #sizeBytesMax: number
  /** The newest write or removal of each file: those of one file follow each other. */
  readonly #pending = new Map<string, Promise<void>>()
  #failures = 0

  private constructor({ folder, sizeBytesMax }: DiskLevelOptions) {
    this.#folder = folder
    this.#sizeBytesMax = sizeBytesMax
    this.#files = new LRUCache({
      maxSize: sizeBytesMax,
      sizeCalculation: size => Math.max(1, size),
      dispose: (_size, name, reason) => {
        if (reason !== 'set') void this.#change(name, () => rm(this.#path(name), { force: true }))
      },
    })
  }

  /** Opens or creates the folder, and finds what an earlier run left there. @throws Error of the file system. */
  static open(options: DiskLevelOptions): DiskLevel {
    const level = new DiskLevel(options)
    mkdirSync(options.folder, { recursive: true })
    const found: { readonly name: string; readonly size: number; readonly usedAt: number }[] = []
    for (const name of readdirSync(options.folder)) {
      if (name.endsWith('.tmp') && NAME.test(name.slice(0, -4))) rmSync(join(options.folder, name), { force: true })
      if (!NAME.test(name)) continue
      const { size, mtimeMs } = statSync(join(options.folder, name))
      found.push({ name, size, usedAt: mtimeMs })
    }
    found.sort((a, b) => a.usedAt - b.usedAt)
    for (const { name, size } of found) level.#files.set(name, size)
    return level
  }

  get sizeBytes(): number {
    return this.#files.calculatedSize
  }

  get sizeBytesMax(): number {
    return this.#sizeBytesMax
  }

  get entries(): number {
    return this.#files.size
  }

  /** Reads and writes that the disk refused, and files that were torn. */
  get failures(): number {
    return this.#failures
  }

  has(key: string): boolean {
    return this.#files.has(nameOf(key))
  }

  async read(key: string): Promise<DiskEntry | undefined> {
    const name = nameOf(key)
    await this.#pending.get(name)
    if (this.#files.get(name) === undefined) return undefined
    try {
      const entry = unwrapped(await readFile(this.#path(name)), key)
      if (entry !== undefined) return entry
    } catch {
      // Somebody has tidied up in the folder.
    }
    this.#failures++
    this.#files.delete(name)
    return undefined
  }

  write(key: string, { expiresAt, bytes }: DiskEntry): Promise<void> {
    const name = nameOf(key)
    const content = wrapped(key, expiresAt, bytes)
    if (content.length > this.#sizeBytesMax) return Promise.resolve()
    this.#files.set(name, content.length)
    return this.#change(name, async () => {
      // Pushed out, or replaced, before its turn came.
      if (this.#files.peek(name) !== content.length) return
      await writeFile(`${this.#path(name)}.tmp`, content)
      await rename(`${this.#path(name)}.tmp`, this.#path(name))
    })
  }

  remove(key: string): void {
    this.#files.delete(nameOf(key))
  }

  clear(): void {
    this.#files.clear()
  }

  /** Resolves when what was written is in its files. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending.values())
  }

  #change(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#pending.get(name) ?? Promise.resolve()
    const done = before.then(work).catch(() => {
      this.#failures++
    })
    this.#pending.set(name, done)
    void done.then(() => {
      if (this.#pending.get(name) === done) this.#pending.delete(name)
    })
    return done
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40) + SUFFIX
}

function wrapped(key: string, expiresAt: number, bytes: Uint8Array): Buffer {
  const name = Buffer.from(key)
  const file = Buffer.alloc(HEADER_BYTES + name.length + bytes.length)
  file.writeUInt32LE(FORMAT, 4)
  file.writeUInt32LE(name.length, 8)
  file.writeDoubleLE(expiresAt, 12)
  file.set(name, HEADER_BYTES)
  file.set(bytes, HEADER_BYTES + name.length)
  file.writeUInt32LE(crc32(file.subarray(4)), 0)
  return file
}

function unwrapped(file: Buffer, key: string): DiskEntry | undefined {
  if (file.length < HEADER_BYTES || crc32(file.subarray(4)) !== file.readUInt32LE(0)) return undefined
  const end = HEADER_BYTES + file.readUInt32LE(8)
  if (file.readUInt32LE(4) !== FORMAT || file.toString('utf8', HEADER_BYTES, end) !== key) return undefined
  return { expiresAt: file.readDoubleLE(12), bytes: file.subarray(end) }
}
