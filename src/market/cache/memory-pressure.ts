export interface MemoryPressureOptions {
  /** What the process takes of memory now. */
  readonly usedBytes: () => number
  /** Above it caches shrink. */
  readonly thresholdBytes: number
}

const SHARE_MIN = 1 / 16
/** So far below the threshold there is room again: else a cache would grow and shrink by turns. */
const RELIEF = 0.9

/** How much of their size caches may use: half of it each time that memory is found short, and twice as much when it is not. */
export class MemoryPressure {
  readonly #options: MemoryPressureOptions | undefined
  #share = 1

  constructor(options: MemoryPressureOptions | undefined) {
    this.#options = options
  }

  /** 0..1. */
  get allowedShare(): number {
    return this.#share
  }

  look(): void {
    if (this.#options === undefined) return
    const { usedBytes, thresholdBytes } = this.#options
    const used = usedBytes()
    if (used > thresholdBytes) this.#share = Math.max(SHARE_MIN, this.#share / 2)
    else if (used < thresholdBytes * RELIEF) this.#share = Math.min(1, this.#share * 2)
  }
}
