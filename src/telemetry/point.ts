/** One line for a time-series database. */
export interface Point {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  /** Finite numbers only: NaN never leaves. An integer field is written as float too, so that a field's type never changes. */
  readonly fields: Readonly<Record<string, number | string>>
  /** UTC ms of the event. */
  readonly timeMs: number
  /** Tells points of one series and one millisecond apart; becomes nanoseconds. */
  readonly sequence?: number
}

/** Where points go. Writing never blocks and never throws. */
export interface PointSink {
  write(point: Point): void
  /** Sends what is gathered; resolves when it is sent or counted as lost. */
  flush(): Promise<void>
  close(): Promise<void>
  stats(): PointStats
}

export interface PointStats {
  readonly accepted: number
  readonly sent: number
  readonly pending: number
  readonly lost: number
  readonly lastError: string | undefined
}
