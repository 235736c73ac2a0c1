import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const NANOSECONDS_PER_MILLISECOND = 1e6
const RESOLUTION_MS = 10

/** What the process knows about itself and its machine. */
export class ProcessReadings {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

  constructor() {
    this.#delay.enable()
  }

  /**
   * How late timers were, 99th percentile in ms since the last call; undefined when too little time has passed.
   * The histogram counts the whole way from tick to tick, its own interval included: that is taken off.
   */
  takeEventLoopDelayP99Ms(): number | undefined {
    const measured = this.#delay.count > 0 ? this.#delay.percentile(99) / NANOSECONDS_PER_MILLISECOND : undefined
    this.#delay.reset()
    return measured === undefined ? undefined : Math.max(0, measured - RESOLUTION_MS)
  }

  memory(): { readonly usedBytes: number; readonly allowedBytes: number } {
    return {
      usedBytes: process.memoryUsage.rss(),
      allowedBytes: memoryAllowedBytes(process.constrainedMemory(), totalmem()),
    }
  }

  /** Bytes that this user may still write on the disk of `folder`; undefined when it cannot be told. */
  async diskFreeBytes(folder: string): Promise<number | undefined> {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch {
      return undefined
    }
  }

  close(): void {
    this.#delay.disable()
  }
}

/**
 * The smaller of the machine's memory and the limit of the cgroup (version 1 or 2, read by Node).
 * @param constrainedBytes 0 or astronomically large when there is no limit.
 */
export function memoryAllowedBytes(constrainedBytes: number, machineBytes: number): number {
  return constrainedBytes > 0 ? Math.min(constrainedBytes, machineBytes) : machineBytes
}
