import type { KeyDocs } from './key-doc.ts'

export const INFLUX_DOCS: KeyDocs = {
  influx: {
    text: 'Points to InfluxDB; off while url is absent. 2.x takes token, org and bucket, 1.x takes v1.database instead.',
  },
  'influx.url': { text: 'Address of the server.', example: 'http://127.0.0.1:8086' },
  'influx.token': {
    text: 'Set it by TALLOW__INFLUX__TOKEN, never in a file that is shared.',
    example: 'your-token',
  },
  'influx.org': { text: 'Name of the organisation.', example: 'your-org' },
  'influx.bucket': { text: 'Name of the bucket.', example: 'tallow' },
  'influx.v1': { text: 'For InfluxDB 1.x.' },
  'influx.v1.database': { text: 'Name of the database; it is made when it is not there.', example: 'tallow' },
  'influx.batch_size': { text: 'A batch is sent when so many points have gathered.' },
  'influx.flush_interval_ms': { text: 'A batch is sent when its oldest point has waited so long.' },
  'influx.pending_points_max': {
    text: 'Most points in memory while the server is away; beyond it the oldest are dropped and counted.',
  },
}
