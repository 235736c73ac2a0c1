import type { KeyDocs } from './key-doc.ts'

export const INFLUX_DOCS: KeyDocs = {
  influx: {
    text: 'Points to InfluxDB; off while url and file are absent. 2.x takes token, org and bucket, 1.x takes v1.database instead.',
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
  'influx.file': {
    text: 'Lines go to this file instead of to the server, in line protocol. Relative to the data folder. At 64 MiB it is put aside as points.lp.1 and so on; nothing is removed.',
    example: 'points.lp',
  },
  'influx.batch_size': {
    text: 'So many points go to the outbox on disk at once, and in the smallest request; a backlog is sent in requests of up to five times as many.',
  },
  'influx.flush_interval_ms': {
    text: 'Points go out when the oldest has waited so long, and what is new in the ledger is looked for so often.',
  },
  'influx.max_outbox_mb': {
    text: 'Most that waits in the outbox while the server is away, packed: about 25,000 points a mebibyte. Beyond it the least important oldest are dropped and counted; trades wait in the ledger and never are.',
  },
}
