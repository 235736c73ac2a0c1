import type { Clock } from '../domain/clock.ts'
import type { LedgerRows } from '../ledger/ledger-rows.ts'
import type { LineDestination } from './destinations/line-destination.ts'
import { LineEncoder } from './line-encoder.ts'
import { isReserved } from './outbox/importance.ts'
import { Intake } from './outbox/intake.ts'
import { Outbox, type DroppedPoints } from './outbox/outbox.ts'
import type { Fields, Point, PointSink, PointStats, Tags } from './point.ts'
import { Projector } from './projector/projector.ts'
import { RequestSize } from './sender/request-size.ts'
import { Sender, type SenderObserver } from './sender/sender.ts'
import { Shipments } from './sender/shipments.ts'

export interface OutboxSinkOptions {
  readonly bot: string
  /** Of the outbox: `<dataDir>/outbox.db`. */
  readonly path: string
  /** So many points go to disk at once, and in the smallest request. Default 1,000. */
  readonly batchSize?: number
  /** How long a point gathers, and how often the ledger is looked at. Default 5,000. */
  readonly flushIntervalMs?: number
  /** What may wait on disk, packed. Default 256 MiB. */
  readonly bytesMax?: number
  /** How long `close` goes on sending. Default 10,000. */
  readonly closeTimeoutMs?: number
}

export interface OutboxSinkPorts {
  readonly destination: LineDestination
  /** Rows that are projected; none: the ledger has no points of its own. */
  readonly rows?: LedgerRows
  /** Real time, not the exchange's. */
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly observer: SinkObserver
}

/** Told what an owner would want to know, for the log. */
export interface SinkObserver extends Pick<SenderObserver, 'back' | 'deadLetter'> {
  /** The destination has begun to take nothing. */
  away(reason: string): void
  dropped(points: readonly DroppedPoints[], reason: string): void
  /** A point could not be stored anywhere. Told once for each measurement. */
  refused(measurement: string, reason: string): void
  /** The outbox was damaged and has been put aside. */
  damaged(movedTo: string): void
}

/** The largest request has so many times the points of the smallest. */
const REQUEST_GROWTH = 5
const TOLD_MAX = 100
const SEQUENCES = 1_000_000

const DEFAULTS = {
  batchSize: 1_000,
  flushIntervalMs: 5_000,
  bytesMax: 256 * 1024 * 1024,
  closeTimeoutMs: 10_000,
}

/** Points gather in bounded memory, go to the outbox on disk by number and age, and from there to their destination. */
export class OutboxSink implements PointSink {
  readonly #options: Required<OutboxSinkOptions>
  readonly #ports: OutboxSinkPorts
  readonly #outbox: Outbox
  readonly #projector: Projector | undefined
  readonly #intake: Intake
  readonly #sender: Sender
  readonly #encoder = new LineEncoder()
  readonly #toldOf = new Set<string>()
  #closing: Promise<void> | undefined
  #final: PointStats | undefined
  #dropped = 0
  #deadLetter = 0
  #refused = 0
  #lastError: string | undefined
  #ledgerPending = 0
  #ownTimeMs = 0
  #ownSequence = 0

  private constructor(options: Required<OutboxSinkOptions>, ports: OutboxSinkPorts, outbox: Outbox) {
    this.#options = options
    this.#ports = ports
    this.#outbox = outbox
    const { rows, clock } = ports
    const { bot, batchSize, flushIntervalMs } = options
    const batchSizeMax = batchSize * REQUEST_GROWTH
    this.#projector = rows && new Projector(rows, bot)
    this.#intake = new Intake({
      outbox,
      clock,
      batchSize,
      runLinesMax: batchSizeMax,
      flushIntervalMs,
      onStored: () => this.#sender.wake(),
      onDropped: (points, reason) => this.#drop(points, reason),
      onTrouble: reason => this.#trouble(reason),
    })
    this.#sender = new Sender({
      ...ports,
      outbox,
      shipments: new Shipments(outbox, this.#projector, reason => this.#trouble(`the ledger: ${reason}`)),
      size: new RequestSize(batchSize, batchSizeMax),
      lookEveryMs: flushIntervalMs,
      observer: this.#observer(),
    })
  }

  /** Opens the outbox and begins to send. @throws TallowError when the outbox cannot be used. */
  static open(given: OutboxSinkOptions, ports: OutboxSinkPorts): OutboxSink {
    const options = { ...DEFAULTS, ...given }
    const outbox = Outbox.open(options.path, {
      bot: options.bot,
      bytesMax: options.bytesMax,
      now: () => ports.clock.now(),
      onDamaged: movedTo => ports.observer.damaged(movedTo),
    })
    const sink = new OutboxSink(options, ports, outbox)
    sink.#sender.start()
    return sink
  }

  write(point: Point): void {
    const line = this.#encode(point)
    if (line !== undefined) this.#intake.add(point.measurement, line)
    else this.#refuse(point, 'a point has a name, a finite field, a time, and no tag without a value')
  }

  writeOwn(measurement: string, fields: Fields, tags: Tags = {}): void {
    if (isReserved(measurement)) this.#refuse({ measurement }, "it is a measurement of Tallow's own")
    else this.write({ measurement, fields, tags: { ...tags, bot: this.#options.bot }, ...this.#ownTime() })
  }

  async flush(): Promise<void> {
    await this.#intake.store()
    await this.#sender.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  stats(): PointStats {
    return this.#final ?? this.#present()
  }

  async #finish(): Promise<void> {
    this.#intake.storeNow()
    await this.#sender.close(this.#options.closeTimeoutMs)
    this.#intake.close()
    this.#final = this.#present()
    this.#outbox.close()
    this.#ports.rows?.close()
    this.#ports.destination.close()
  }

  /** A point from a program in plain JavaScript may be anything, and a write never throws. */
  #encode(point: Point): string | undefined {
    try {
      return this.#encoder.encode(point)
    } catch {
      return undefined
    }
  }

  #drop(dropped: readonly DroppedPoints[], reason: string): void {
    for (const { points } of dropped) this.#dropped += points
    this.#lastError = reason
    this.#ports.observer.dropped(dropped, reason)
  }

  #refuse(point: unknown, reason: string): void {
    this.#refused++
    const measurement = measurementOf(point)
    if (this.#toldOf.has(measurement) || this.#toldOf.size >= TOLD_MAX) return
    this.#toldOf.add(measurement)
    this.#ports.observer.refused(measurement, reason)
  }

  #trouble(reason: string): void {
    this.#lastError = reason
  }

  #observer(): SenderObserver {
    const { observer } = this.#ports
    return {
      failed: (reason, news) => {
        this.#lastError = reason
        if (news) observer.away(reason)
      },
      back: () => observer.back(),
      deadLetter: lines => {
        this.#deadLetter += lines.length
        this.#lastError = lines.at(-1)?.reason
        observer.deadLetter(lines)
      },
      deadLetterFull: gone => {
        for (const { points } of gone) this.#deadLetter -= points
        this.#drop(gone, 'the dead letter is full')
      },
    }
  }

  #present(): PointStats {
    const pending = this.#intake.count + this.#outbox.points + this.#countLedger()
    const { sent } = this.#sender
    const lost = this.#dropped + this.#deadLetter
    return {
      accepted: sent + pending + lost,
      sent,
      pending,
      lost,
      deadLetter: this.#deadLetter,
      dropped: this.#dropped,
      refused: this.#refused,
      lastError: this.#lastError,
      oldestPendingSeconds: this.#oldestSeconds(),
      outboxBytes: this.#outbox.bytes,
    }
  }

  /** What is known, while the ledger cannot be read. */
  #countLedger(): number {
    try {
      const waiting = this.#projector?.waiting(this.#outbox.cursors) ?? new Map<string, number>()
      this.#ledgerPending = [...waiting.values()].reduce((sum, count) => sum + count, 0)
    } catch (error) {
      this.#trouble(`the ledger: ${error instanceof Error ? error.message : String(error)}`)
    }
    return this.#ledgerPending
  }

  #oldestSeconds(): number {
    const since = [this.#intake.oldestAt, this.#outbox.waitingSince()].filter(at => at !== undefined)
    return since.length === 0 ? 0 : Math.max(0, this.#ports.clock.now() - Math.min(...since)) / 1_000
  }

  /** The present, and a number within its millisecond. */
  #ownTime(): Pick<Point, 'timeMs' | 'sequence'> {
    const now = Math.max(this.#ports.clock.now(), this.#ownTimeMs)
    this.#ownSequence = now === this.#ownTimeMs ? (this.#ownSequence + 1) % SEQUENCES : 0
    this.#ownTimeMs = now
    return { timeMs: now, sequence: this.#ownSequence }
  }
}

function measurementOf(point: unknown): string {
  if (typeof point !== 'object' || point === null || !('measurement' in point)) return ''
  return typeof point.measurement === 'string' ? point.measurement : ''
}
