import { totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const NANOSECONDS_PER_MILLISECOND = 1e6
const RESOLUTION_MS = 10
/** A standstill that is seen by itself. */
const STANDSTILL_MS = 1_000

/** What the process knows about itself and its machine. */
export class ProcessReadings {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #takenAt = performance.now()

  constructor() {
    this.#delay.enable()
  }

  /**
   * How late timers were, 99th percentile in ms since the last call; undefined when too little time has passed.
   * The histogram counts the whole way from tick to tick, its own interval included: that is taken off.
   */
  takeEventLoopDelayP99Ms(): number | undefined {
    const now = performance.now()
    const windowMs = now - this.#takenAt
    this.#takenAt = now
    if (this.#delay.count === 0) return undefined
    const { max } = this.#delay
    const measured = this.#delay.percentile(99)
    this.#delay.reset()
    return Math.max(0, inMs(measured), standstillP99Ms(inMs(max), windowMs))
  }

  memory(): { readonly usedBytes: number; readonly allowedBytes: number } {
    return {
      usedBytes: process.memoryUsage.rss(),
      allowedBytes: memoryAllowedBytes(process.constrainedMemory(), totalmem()),
    }
  }

  /** JavaScript's part of it, and where it ends with "heap out of memory". */
  heap(): { readonly usedBytes: number; readonly allowedBytes: number } {
    const { used_heap_size: usedBytes, heap_size_limit: allowedBytes } = getHeapStatistics()
    return { usedBytes, allowedBytes }
  }

  close(): void {
    this.#delay.disable()
  }
}

function inMs(nanoseconds: number): number {
  return nanoseconds / NANOSECONDS_PER_MILLISECOND - RESOLUTION_MS
}

/**
 * The same percentile over moments instead of samples: a loop that stood still for three of five seconds has one late
 * sample among two hundred, but most moments of those five seconds were late by more than a second.
 */
function standstillP99Ms(longestMs: number, windowMs: number): number {
  return longestMs < STANDSTILL_MS ? 0 : longestMs - windowMs / 100
}

/**
 * The smaller of the machine's memory and the limit of the cgroup (version 1 or 2, read by Node).
 * @param constrainedBytes 0 or astronomically large when there is no limit.
 */
export function memoryAllowedBytes(constrainedBytes: number, machineBytes: number): number {
  return constrainedBytes > 0 ? Math.min(constrainedBytes, machineBytes) : machineBytes
}
