import type { CandleFrame } from '../frame/candle-frame.ts'

/** So much longer than it began a run may become, whatever the limit: else one with a long history would only begin. */
const GROWTH_MIN = 2

/**
 * Says when a run has gathered so many rows that it is better followed by another: frames and columns grow with each bar,
 * and a process is to run for months. The next run begins as after a restart, with as much history as the columns need.
 */
export class Renewal {
  /** Resolves when it is time. */
  readonly due: Promise<void>
  readonly #frames: readonly CandleFrame[]
  readonly #rowsMax: number
  #tell: () => void = () => undefined
  #quiet = true

  /** @param frames as they are at the start of the run. @param rowsMax rows of the longest that are enough. */
  constructor(frames: readonly CandleFrame[], rowsMax: number) {
    this.#frames = frames
    this.#rowsMax = Math.max(rowsMax, GROWTH_MIN * longest(frames))
    this.due = new Promise(resolve => {
      this.#tell = resolve
    })
  }

  /** Exchange or store failed: a start now might have to wait for them, while a run that goes on need not. */
  troubled(): void {
    this.#quiet = false
  }

  /** A slice has been decided on. @param canEnd nothing of this run waits for the ledger. */
  decided(canEnd: boolean): void {
    if (canEnd && this.#quiet && longest(this.#frames) > this.#rowsMax) this.#tell()
    this.#quiet = true
  }
}

function longest(frames: readonly CandleFrame[]): number {
  return frames.reduce((rows, { length }) => Math.max(rows, length), 0)
}
