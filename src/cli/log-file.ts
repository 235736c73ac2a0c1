import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { badInput } from '../domain/errors.ts'

export interface LogFileOptions {
  /** Absolute. */
  readonly path: string
  /** A file that has grown past it is put aside as `<path>.1`. */
  readonly sizeBytesMax: number
  /** How many files there are at most, that which is written included. */
  readonly filesMax: number
}

/**
 * The file of a log. Each line is written before the call returns, so that the last words before an end are there. A disk
 * that is full costs lines, which are counted, and never the process.
 */
export class LogFile {
  readonly #options: LogFileOptions
  readonly #onTrouble: (reason: string) => void
  #file: number
  #sizeBytes = 0
  #lost = 0

  /**
   * @param onTrouble told once when lines cannot be written, until they can be again.
   * @throws bad input when there can be no such file.
   */
  constructor(options: LogFileOptions, onTrouble: (reason: string) => void) {
    this.#options = options
    this.#onTrouble = onTrouble
    try {
      this.#file = this.#open()
    } catch (error) {
      throw badInput(`the log file cannot be written: ${reasonOf(error)}`, {
        where: 'log.file',
        cause: error,
        hint: `make the folder of ${options.path}, and let this user write there`,
      })
    }
  }

  /** Never throws. @param line with its end. */
  write(line: string): void {
    try {
      if (this.#sizeBytes >= this.#options.sizeBytesMax) this.#putAside()
      if (this.#lost > 0) this.#append(lostLine(this.#lost))
      this.#lost = 0
      this.#append(line)
    } catch (error) {
      if (this.#lost++ === 0) this.#onTrouble(`the log file cannot be written: ${reasonOf(error)}`)
    }
  }

  /** Begins the file anew after something else has moved it away (logrotate). Never throws. */
  reopen(): void {
    try {
      const before = this.#file
      this.#file = this.#open()
      closeSync(before)
    } catch (error) {
      this.#onTrouble(`the log file could not be opened again: ${reasonOf(error)}`)
    }
  }

  #append(line: string): void {
    this.#sizeBytes += writeSync(this.#file, line)
  }

  #open(): number {
    // For its owner alone: it tells what is held and traded.
    const file = openSync(this.#options.path, 'a', 0o600)
    this.#sizeBytes = fstatSync(file).size
    return file
  }

  #putAside(): void {
    const { path, filesMax } = this.#options
    // Again at the next line when this fails would cost every line: after as much again is soon enough.
    this.#sizeBytes = 0
    for (let number = filesMax - 2; number > 0; number--) moveIfThere(`${path}.${number}`, `${path}.${number + 1}`)
    if (filesMax > 1) moveIfThere(path, `${path}.1`)
    this.reopen()
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

function lostLine(count: number): string {
  return `${JSON.stringify({ level: 40, msg: `${count} lines could not be written here` })}\n`
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
