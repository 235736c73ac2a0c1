import type { LineRun } from '../line-run.ts'

/**
 * What became of a request. `refused`: at least one of its lines is bad, and trying again would not help. `too-large`:
 * less may be taken. `failed`: nothing is known of it, or the server is not able to; it is to be sent again.
 */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'too-large'; readonly reason: string }
  | {
      readonly kind: 'failed'
      readonly reason: string
      /** How long the server wants to be left alone; 0 when it did not say. */
      readonly retryAfterMs: number
      /** There was no answer in time: less may go through. */
      readonly timedOut: boolean
    }

export type DestinationState = 'up' | 'down' | 'unknown'

/** Where lines go. One that takes the same line twice must keep one point: what was cut off is sent again. */
export interface LineDestination {
  /** For people: `InfluxDB at 127.0.0.1:8086`. */
  readonly name: string
  /** Sends lines in order, in one request; never throws. An aborted signal ends it at once. */
  send(runs: readonly LineRun[], signal: AbortSignal): Promise<SendOutcome>
  /** Whether it can be reached; never throws. */
  state(): Promise<DestinationState>
  close(): void
}
