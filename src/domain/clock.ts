/** Time as the exchange counts it, UTC ms. Accelerated on a simulated exchange. */
export interface Clock {
  now(): number
  /** Resolves after `ms` of this clock's time, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
