import type { LedgerMetrics } from './ledger.ts'

const WINDOW = 64

/** How long the last commits took: a window, so that a disk that has become slow shows within minutes, not weeks. */
export class CommitTimer {
  readonly #durations = new Float64Array(WINDOW)
  #commits = 0

  add(durationMs: number): void {
    this.#durations[this.#commits % WINDOW] = durationMs
    this.#commits++
  }

  metrics(): LedgerMetrics {
    const recent = this.#durations.subarray(0, Math.min(this.#commits, WINDOW))
    let sum = 0
    let slowestMs = 0
    for (const duration of recent) {
      sum += duration
      if (duration > slowestMs) slowestMs = duration
    }
    return { averageCommitMs: recent.length === 0 ? 0 : sum / recent.length, slowestMs, commits: this.#commits }
  }
}
