/** Where a clock takes its time from: the machine, or a test. */
export interface WallTime {
  /** Milliseconds. Monotonic, or UTC, as the clock that is built on it needs. */
  now(): number
  /** Resolves after about `ms` real milliseconds, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
