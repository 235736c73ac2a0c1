import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderReading {
  /** Bytes that this user may still write on its disk; undefined when it cannot be told. */
  readonly freeBytes: number | undefined
  /** The longest write-ahead log in it. */
  readonly journal: { readonly file: string; readonly bytes: number } | undefined
}

/** A disk that has not answered for so long has none of the answers that it gave before. */
const ANSWER_WITHIN_MS = 15_000
const UNKNOWN: FolderReading = { freeBytes: undefined, journal: undefined }

/** What is known of a folder and its disk. Nobody waits for it: a network mount may not answer for minutes. */
export class FolderReadings {
  readonly #folder: string
  #newest = UNKNOWN
  #newestAt = Number.NEGATIVE_INFINITY
  #asking = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Has it looked at again, unless that is still going on. */
  ask(): void {
    if (this.#asking) return
    this.#asking = true
    void readFolder(this.#folder).then(reading => {
      this.#newest = reading
      this.#newestAt = performance.now()
      this.#asking = false
    })
  }

  get newest(): FolderReading {
    return performance.now() - this.#newestAt > ANSWER_WITHIN_MS ? UNKNOWN : this.#newest
  }
}

export async function readFolder(folder: string): Promise<FolderReading> {
  const [freeBytes, journal] = await Promise.all([
    statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => undefined,
    ),
    longestJournal(folder).catch(() => undefined),
  ])
  return { freeBytes, journal }
}

async function longestJournal(folder: string): Promise<FolderReading['journal']> {
  let longest: FolderReading['journal']
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.db-wal')) continue
    const bytes = await stat(join(folder, file)).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes > (longest?.bytes ?? -1)) longest = { file, bytes }
  }
  return longest
}
