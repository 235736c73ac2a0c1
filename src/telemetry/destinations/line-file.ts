import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, existsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unpackLines, type LineRun } from '../line-run.ts'
import type { DestinationState, LineDestination, SendOutcome } from './line-destination.ts'

export interface LineFileOptions {
  /** Absolute. */
  readonly path: string
  /** A file that has grown to this is put aside under the next free number: `points.lp.1`. */
  readonly bytesMax?: number
}

const BYTES_MAX = 64 * 1024 * 1024
const TAIL_BYTES = 1024 * 1024
const LINE_FEED = 0x0a

/**
 * Line protocol in a file, for `influx write` and other importers. What a kill has cut off is sent again: a line may
 * then be there twice, and is one point to whoever loads it.
 */
export class LineFile implements LineDestination {
  readonly name: string
  readonly #path: string
  readonly #bytesMax: number
  #opened = false

  constructor({ path, bytesMax = BYTES_MAX }: LineFileOptions) {
    this.name = path
    this.#path = path
    this.#bytesMax = bytesMax
  }

  async send(runs: readonly LineRun[], signal: AbortSignal): Promise<SendOutcome> {
    try {
      signal.throwIfAborted()
      if (!this.#opened) this.#open()
      this.#rotate()
      const text = runs.flatMap(unpackLines).map(line => `${line}\n`)
      await appendFile(this.#path, text.join(''))
      return { kind: 'sent' }
    } catch (error) {
      // A full disk may have taken a part: the next try cuts it off.
      this.#opened = false
      const reason = signal.aborted ? 'Tallow is closing' : error instanceof Error ? error.message : String(error)
      return { kind: 'failed', reason, retryAfterMs: 0, timedOut: false }
    }
  }

  async state(): Promise<DestinationState> {
    return 'unknown'
  }

  close(): void {
    // Nothing is held open.
  }

  /** Cuts off a line that a kill has left half written: it was never acknowledged and comes again. */
  #open(): void {
    const folder = dirname(this.#path)
    // Not `recursive: true`: on a file system that refuses new folders with ENOENT (/proc) Node tries that for ever.
    if (!existsSync(folder)) mkdirSync(folder)
    const file = openSync(this.#path, 'a+')
    try {
      const { size } = fstatSync(file)
      const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
      readSync(file, tail, 0, tail.length, size - tail.length)
      ftruncateSync(file, size - tail.length + tail.lastIndexOf(LINE_FEED) + 1)
    } finally {
      closeSync(file)
    }
    this.#opened = true
  }

  #rotate(): void {
    const file = openSync(this.#path, 'a')
    const { size } = fstatSync(file)
    closeSync(file)
    if (size >= this.#bytesMax) renameSync(this.#path, freeName(this.#path))
  }
}

function freeName(path: string): string {
  for (let number = 1; ; number++) if (!existsSync(`${path}.${number}`)) return `${path}.${number}`
}
