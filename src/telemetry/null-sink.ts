import type { PointSink, PointStats } from './point.ts'

/** Where points go when they are off. */
export class NullSink implements PointSink {
  write(): void {
    // Points are off.
  }

  async flush(): Promise<void> {
    // Nothing is gathered.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  stats(): PointStats {
    return { accepted: 0, sent: 0, pending: 0, lost: 0, refused: 0, lastError: undefined }
  }
}
