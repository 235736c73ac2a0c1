import type { Clock } from '../../domain/clock.ts'
import { pointsIn, type LineRun } from '../line-run.ts'
import { Gathered } from './gathered.ts'
import { importanceOf } from './importance.ts'
import type { DroppedPoints, Outbox } from './outbox.ts'

export interface IntakeOptions {
  readonly outbox: Outbox
  /** Real time. */
  readonly clock: Clock
  /** So many lines go to disk at once. */
  readonly batchSize: number
  /** Of a run, which is the smallest that can be sent. */
  readonly runLinesMax: number
  /** How long a line gathers. */
  readonly flushIntervalMs: number
  /** Something has come to the outbox. */
  readonly onStored: () => void
  readonly onDropped: (dropped: readonly DroppedPoints[], reason: string) => void
  readonly onTrouble: (reason: string) => void
}

/** What gathers while the loop is blocked goes to disk at this, in one go. */
const SPILL_LINES = 50_000
const SPILL_BYTES = 16 * 1024 * 1024
/** While the disk takes nothing, so many points stay in memory, packed. */
const UNSTORED_POINTS_MAX = 50_000

/**
 * Gathers lines in bounded memory and puts them into the outbox by number and age, in order, one transaction a batch.
 * Packing is done outside this thread; a writer that lets nothing else run packs for itself.
 */
export class Intake {
  readonly #options: IntakeOptions
  readonly #stop = new AbortController()
  /** Dropped before they came to the outbox, and not noted there yet. */
  readonly #unnoted = new Map<string, number>()
  #gathered: Gathered | undefined
  /** Older lines, that are being packed. */
  #packing: Gathered | undefined
  #packed: Promise<void> = Promise.resolve()
  /** Still older ones, that the outbox could not take. */
  #unstored: readonly LineRun[] = []
  #unstoredSince = 0
  #timerRuns = false
  #storeIsDue = false
  #closed = false

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Points in memory. */
  get count(): number {
    return (this.#gathered?.count ?? 0) + (this.#packing?.count ?? 0) + pointsIn(this.#unstored)
  }

  /** When the oldest came, real UTC ms. */
  get oldestAt(): number | undefined {
    return this.#unstored.length > 0 ? this.#unstoredSince : (this.#packing ?? this.#gathered)?.since
  }

  add(measurement: string, line: string): void {
    if (this.#closed) return this.#drop([{ measurement, points: 1 }], 'the point came after the close')
    const gathered = (this.#gathered ??= new Gathered(this.#options.clock.now(), this.#options.runLinesMax))
    gathered.add(measurement, line)
    if (gathered.count >= SPILL_LINES || gathered.bytes >= SPILL_BYTES) this.storeNow()
    else if (gathered.count >= this.#options.batchSize) this.#storeSoon()
    else this.#startTimer()
  }

  /** Puts what has gathered on disk. While that fails it stays in memory, within bounds. Never rejects. */
  async store(): Promise<void> {
    while (this.#packing !== undefined) await this.#packed
    const packing = this.#gathered
    if (packing === undefined) return this.#append([], 0)
    this.#gathered = undefined
    this.#packing = packing
    const stored = (runs: readonly LineRun[]): void => {
      // Somebody who could not wait has stored them meanwhile.
      if (this.#packing !== packing) return
      this.#packing = undefined
      this.#append(runs, packing.since)
    }
    this.#packed = packing.packAside().then(stored, () => this.storeNow())
    await this.#packed
  }

  /** The same before it returns. */
  storeNow(): void {
    const left = [this.#packing, this.#gathered].filter(lines => lines !== undefined)
    this.#packing = undefined
    this.#gathered = undefined
    this.#append(
      left.flatMap(lines => lines.pack()),
      left[0]?.since ?? 0,
    )
  }

  /** Stores once more; what cannot be stored is dropped. */
  close(): void {
    this.#closed = true
    this.#stop.abort()
    this.storeNow()
    this.#trim(0, 'the outbox cannot be written')
  }

  /** Not here: whoever writes has something better to do. */
  #storeSoon(): void {
    if (this.#storeIsDue) return
    this.#storeIsDue = true
    setImmediate(() => {
      this.#storeIsDue = false
      if (!this.#closed) void this.store()
    })
  }

  #startTimer(): void {
    if (this.#timerRuns || this.#closed) return
    this.#timerRuns = true
    const onTime = (): void => {
      this.#timerRuns = false
      void this.store()
    }
    this.#options.clock.sleep(this.#options.flushIntervalMs, this.#stop.signal).then(onTime, () => undefined)
  }

  /** @param since when the oldest of `runs` came. */
  #append(runs: readonly LineRun[], since: number): void {
    const { outbox, onStored, onDropped, onTrouble } = this.#options
    if (this.#unstored.length === 0) this.#unstoredSince = since
    this.#unstored = [...this.#unstored, ...runs]
    if (this.#unstored.length === 0) return
    try {
      const dropped = outbox.append(this.#unstored, this.#unstoredSince)
      this.#unstored = []
      // What the outbox has dropped it has counted.
      if (dropped.length > 0) onDropped(dropped, 'the outbox is full (influx.max_outbox_mb)')
      this.#noteDropped()
    } catch (error) {
      const reason = `the outbox cannot be written: ${error instanceof Error ? error.message : String(error)}`
      onTrouble(reason)
      this.#trim(UNSTORED_POINTS_MAX, reason)
      this.#startTimer()
    }
    onStored()
  }

  /** Forgets the oldest of the least important, so that not more than `max` points are left. */
  #trim(max: number, reason: string): void {
    const leastFirst = this.#unstored.toSorted((a, b) => importanceOf(a.measurement) - importanceOf(b.measurement))
    const dropped: LineRun[] = []
    for (let left = pointsIn(leastFirst); left > max; left -= dropped.at(-1)?.points ?? left)
      dropped.push(...leastFirst.slice(dropped.length, dropped.length + 1))
    if (dropped.length === 0) return
    this.#unstored = this.#unstored.filter(run => !dropped.includes(run))
    this.#drop(dropped, reason)
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
