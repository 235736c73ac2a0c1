/** One line for a time-series database. */
export interface Point {
  readonly measurement: string
  /** A tag with an empty value is left out. */
  readonly tags: Readonly<Record<string, string>>
  /** Finite numbers only: NaN never leaves. An integer field is written as float too, so that a field's type never changes. */
  readonly fields: Readonly<Record<string, number | string>>
  /** UTC ms of the event. */
  readonly timeMs: number
  /** Tells points of one series and one millisecond apart; becomes nanoseconds. Whole, below a million. */
  readonly sequence?: number
}

/** Where points go. Writing never blocks and never throws. */
export interface PointSink {
  write(point: Point): void
  /** Sends what is gathered; resolves when it is sent or counted as lost. */
  flush(): Promise<void>
  /** Sends what is gathered for a bounded time; what is left is counted as lost. */
  close(): Promise<void>
  stats(): PointStats
}

/** Counts since the start. Every accepted point is sent, pending or lost. */
export interface PointStats {
  readonly accepted: number
  readonly sent: number
  readonly pending: number
  readonly lost: number
  /** Points that could not be stored anywhere: no finite field, no name, no time. Not accepted. */
  readonly refused: number
  /** Why points were last lost, or why the last attempt failed. */
  readonly lastError: string | undefined
}
