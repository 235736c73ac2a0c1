/** Floats are `number`. `bigint` is an integer to InfluxDB: a field that was one has to stay one. */
export type FieldValue = number | string | boolean | bigint

export type Tags = Readonly<Record<string, string>>
export type Fields = Readonly<Record<string, FieldValue>>

/** One line for a time-series database. */
export interface Point {
  readonly measurement: string
  /** None may be empty. A frozen object that many points share is encoded once. */
  readonly tags: Tags
  /** Numbers that are not finite are left out: NaN never leaves. */
  readonly fields: Fields
  /** UTC ms of the event. */
  readonly timeMs: number
  /** Tells points of one series and one millisecond apart; becomes nanoseconds. Whole, below a million. */
  readonly sequence?: number
}

/** Where points go. Writing never waits and never throws. */
export interface PointSink {
  write(point: Point): void
  /**
   * A user's own point: it gets the tag `bot`, and the present time. A measurement that Tallow writes itself is refused.
   * @param measurement any name but Tallow's own.
   */
  writeOwn(measurement: string, fields: Fields, tags?: Tags): void
  /**
   * Sends what waits without delay; never rejects. Resolves when all that was written before is sent, or when the server
   * does not take it: then it is on disk and goes out later.
   */
  flush(): Promise<void>
  /** The same for a bounded time, however long the server wanted to be left alone. What is left stays on disk. */
  close(): Promise<void>
  stats(): PointStats
}

/** Counts since the start; what waits may be from before. Every accepted point is sent, pending or lost. */
export interface PointStats {
  readonly accepted: number
  readonly sent: number
  /** In memory, in the outbox, and rows of the ledger that are not sent yet. */
  readonly pending: number
  /** Dropped past a bound, or in the dead letter. */
  readonly lost: number
  readonly deadLetter: number
  readonly dropped: number
  /** Points that could not be stored anywhere: no finite field, no name, no time. Not accepted. */
  readonly refused: number
  /** Why points were last lost, or why the last attempt failed. */
  readonly lastError: string | undefined
  /** How long the oldest point has waited; 0 when none waits. */
  readonly oldestPendingSeconds: number
  /** What waits in the outbox, as it is stored. */
  readonly outboxBytes: number
}
