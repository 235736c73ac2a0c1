import type { Io } from '../io.ts'
import { formatDuration, formatNumber } from './format.ts'

const SILENT_MS = 1_000
const REDRAW_MS = 100

/** One line on stderr that is redrawn: how far, how fast, how long still. Silent when piped, and for the first second. */
export class Progress {
  readonly #io: Io
  readonly #label: string
  readonly #total: number
  readonly #startedAt: number
  #drawnAt = 0

  /** @param total what `update` counts to, in the unit that `label` names: `candles`. */
  constructor(io: Io, label: string, total: number) {
    this.#io = io
    this.#label = label
    this.#total = total
    this.#startedAt = io.now()
  }

  update(done: number): void {
    if (!this.#io.stderrIsTty) return
    const now = this.#io.now()
    const elapsedMs = now - this.#startedAt
    if (elapsedMs < SILENT_MS || now - this.#drawnAt < REDRAW_MS) return
    this.#drawnAt = now
    const rate = (done / elapsedMs) * 1_000
    const leftMs = rate > 0 ? ((this.#total - done) / rate) * 1_000 : undefined
    const percent = this.#total > 0 ? Math.floor((100 * done) / this.#total) : 100
    const text = `${percent} %  ${formatNumber(done, 0)} of ${formatNumber(this.#total, 0)} ${this.#label}  ${formatNumber(rate, 0)}/s  ${formatDuration(leftMs)} left`
    this.#io.stderr(`\r\u001b[K${text.slice(0, this.#io.columns - 1)}`)
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#drawnAt > 0) this.#io.stderr('\r\u001b[K')
    this.#drawnAt = 0
  }
}
