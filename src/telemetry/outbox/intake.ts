import type { Clock } from '../../domain/clock.ts'
import { Gathered } from './gathered.ts'
import type { DroppedPoints, Outbox } from './outbox.ts'

export interface IntakeOptions {
  readonly outbox: Outbox
  /** Real time. */
  readonly clock: Clock
  /** So many lines go to disk at once. */
  readonly batchSize: number
  /** At so many at the latest, also while the loop is blocked. */
  readonly batchSizeMax: number
  /** How long a line gathers. */
  readonly flushIntervalMs: number
  /** Something has come to the outbox. */
  readonly onStored: () => void
  readonly onDropped: (dropped: readonly DroppedPoints[], reason: string) => void
  readonly onTrouble: (reason: string) => void
}

const SPILL_CHARACTERS = 8 * 1024 * 1024
/** While the disk takes nothing, so many lines stay in memory; then the oldest of the least important go, so many at once. */
const MEMORY_LINES_MAX = 50_000
const DROPPED_AT_ONCE = 1_000
const CANNOT_BE_WRITTEN = 'the outbox cannot be written'

/** Gathers lines in bounded memory and puts them into the outbox by number and age, one transaction a batch. */
export class Intake {
  readonly #options: IntakeOptions
  readonly #gathered = new Gathered()
  readonly #stop = new AbortController()
  /** Dropped before they came to the outbox, and not noted there yet. */
  readonly #unnoted = new Map<string, number>()
  #timerRuns = false
  #storeIsDue = false
  /** Why the outbox could not be written when it was last tried; undefined when it could. */
  #trouble: string | undefined
  #closed = false

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Lines in memory. */
  get count(): number {
    return this.#gathered.count
  }

  /** When the oldest came, real UTC ms. */
  get oldestAt(): number | undefined {
    return this.#gathered.oldestAt
  }

  add(measurement: string, line: string): void {
    if (this.#closed) return this.#drop([{ measurement, points: 1 }], 'the point came after the close')
    const gathered = this.#gathered
    if (gathered.count === 0) gathered.begin(this.#options.clock.now())
    gathered.add(measurement, line)
    if (this.#trouble !== undefined) this.#hold(this.#trouble)
    else if (gathered.count >= this.#options.batchSizeMax || gathered.characters >= SPILL_CHARACTERS) this.store()
    else if (gathered.count >= this.#options.batchSize) this.#storeSoon()
    else this.#startTimer()
  }

  /** Puts what has gathered on disk. While that fails it stays in memory, within bounds. Never throws. */
  store(): void {
    const { outbox, onStored, onTrouble } = this.#options
    const { oldestAt } = this.#gathered
    if (oldestAt === undefined) return
    try {
      const dropped = outbox.append(this.#gathered.runs(), oldestAt)
      this.#gathered.clear()
      this.#trouble = undefined
      // What the outbox has dropped it has counted.
      if (dropped.length > 0) this.#options.onDropped(dropped, 'the outbox is full (influx.max_outbox_mb)')
      this.#noteDropped()
    } catch (error) {
      this.#trouble = `${CANNOT_BE_WRITTEN}: ${error instanceof Error ? error.message : String(error)}`
      onTrouble(this.#trouble)
      this.#hold(this.#trouble)
    }
    onStored()
  }

  /** Stores once more; what cannot be stored is dropped. */
  close(): void {
    this.#closed = true
    this.#stop.abort()
    this.store()
    const left = this.#gathered.trim(0)
    if (left.length > 0) this.#drop(left, CANNOT_BE_WRITTEN)
  }

  /** Not here: whoever writes has something better to do. */
  #storeSoon(): void {
    if (this.#storeIsDue) return
    this.#storeIsDue = true
    setImmediate(() => {
      this.#storeIsDue = false
      if (!this.#closed) this.store()
    })
  }

  #startTimer(): void {
    if (this.#timerRuns || this.#closed) return
    this.#timerRuns = true
    const onTime = (): void => {
      this.#timerRuns = false
      this.store()
    }
    this.#options.clock.sleep(this.#options.flushIntervalMs, this.#stop.signal).then(onTime, () => undefined)
  }

  /** Keeps what there is room for, and tries again when the time comes: whoever writes does not wait for a disk. */
  #hold(reason: string): void {
    if (this.#gathered.count >= MEMORY_LINES_MAX)
      this.#drop(this.#gathered.trim(MEMORY_LINES_MAX - DROPPED_AT_ONCE), reason)
    this.#startTimer()
  }

  #drop(dropped: readonly DroppedPoints[], reason: string): void {
    for (const { measurement, points } of dropped)
      this.#unnoted.set(measurement, (this.#unnoted.get(measurement) ?? 0) + points)
    this.#options.onDropped(dropped, reason)
  }

  #noteDropped(): void {
    if (this.#unnoted.size === 0) return
    this.#options.outbox.countDropped(this.#unnoted)
    this.#unnoted.clear()
  }
}
