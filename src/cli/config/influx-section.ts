import { z } from 'zod'
import { filePath, httpUrl, numberIn, wholeNumber } from './fields.ts'

/** `influx:` of the config. Points are on when `url` or `file` is set. */
export const influxSection = z
  .strictObject({
    url: httpUrl().optional(),
    token: z.string().min(1).optional(),
    org: z.string().min(1).optional(),
    bucket: z.string().min(1).optional(),
    v1: z.strictObject({ database: z.string().min(1) }).optional(),
    /** Instead of the server. Relative to the data folder. */
    file: filePath().optional(),
    batch_size: wholeNumber(1, 50_000).default(1_000),
    flush_interval_ms: wholeNumber(10, 3_600_000).default(5_000),
    max_outbox_mb: numberIn(1, 1_048_576).default(256),
  })
  .superRefine(checkInflux)

type InfluxConfig = z.output<typeof influxSection>

function checkInflux({ url, v1, token, org, bucket }: InfluxConfig, context: z.RefinementCtx): void {
  const refuse = (path: string[], message: string, hint: string): void =>
    context.addIssue({ code: 'custom', path, message, params: { hint } })
  if (url === undefined) {
    const set = Object.entries({ v1, token, org, bucket }).find(([, value]) => value !== undefined)
    if (set) refuse([set[0]], 'set without influx.url', 'set influx.url to send points, or remove the key')
    return
  }
  if (v1 !== undefined) {
    if (token !== undefined || org !== undefined || bucket !== undefined)
      refuse(['v1'], 'beside token, org or bucket', 'InfluxDB 1.x takes v1.database alone; 2.x takes the other three')
    return
  }
  const missing = Object.entries({ token, org, bucket }).find(([, value]) => value === undefined)
  if (missing)
    refuse(
      [missing[0]],
      'missing beside influx.url',
      'InfluxDB 2.x takes token, org and bucket; InfluxDB 1.x takes v1: { database: … }',
    )
}
