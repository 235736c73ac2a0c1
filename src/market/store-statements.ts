import type Database from 'better-sqlite3'

type StatementName =
  | 'seriesId'
  | 'addSeries'
  | 'blobId'
  | 'addBlob'
  | 'updateBlob'
  | 'putChunk'
  | 'chunks'
  | 'countIn'
  | 'tailRows'
  | 'tailCount'
  | 'newest'
  | 'firstTail'
  | 'addTail'
  | 'dropTail'
  | 'addRevision'
  | 'list'

/** The candle store's SQL, prepared once. */
export function storeStatements(db: Database.Database): Readonly<Record<StatementName, Database.Statement>> {
  return {
    seriesId: db.prepare('SELECT id FROM series WHERE key = ?').pluck(),
    addSeries: db.prepare('INSERT INTO series (key) VALUES (?)'),
    blobId: db.prepare('SELECT blob_id FROM chunk WHERE series = ? AND bucket = ?').pluck(),
    addBlob: db.prepare('INSERT INTO chunk_blob (crc, rows) VALUES (?, ?)'),
    updateBlob: db.prepare('UPDATE chunk_blob SET crc = ?, rows = ? WHERE id = ?'),
    putChunk: db.prepare(
      'INSERT OR REPLACE INTO chunk (series, bucket, first, last, count, blob_id) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    chunks: db
      .prepare(
        `SELECT bucket, count, crc, rows FROM chunk JOIN chunk_blob ON chunk_blob.id = blob_id
         WHERE series = ? AND last >= ? AND first < ? ORDER BY bucket`,
      )
      .raw(),
    countIn: db.prepare('SELECT sum(count) FROM chunk WHERE series = ? AND last >= ? AND first < ?').pluck(),
    tailRows: db
      .prepare(
        `SELECT open_time, open, high, low, close, volume, flags FROM tail
         WHERE series = ? AND open_time >= ? AND open_time < ? ORDER BY open_time`,
      )
      .raw(),
    tailCount: db.prepare('SELECT count(*) FROM tail WHERE series = ? AND open_time >= ? AND open_time < ?').pluck(),
    newest: db
      .prepare(
        `SELECT max(at) FROM (SELECT last AS at FROM chunk WHERE series = ? AND bucket = ?
         UNION ALL SELECT max(open_time) FROM tail WHERE series = ? AND open_time >= ? AND open_time < ?)`,
      )
      .pluck(),
    firstTail: db.prepare('SELECT min(open_time) FROM tail WHERE series = ? AND open_time < ?').pluck(),
    addTail: db.prepare('INSERT INTO tail VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    dropTail: db.prepare('DELETE FROM tail WHERE series = ? AND open_time >= ? AND open_time < ?'),
    addRevision: db.prepare(
      'INSERT OR IGNORE INTO revision (series, open_time, open, high, low, close, volume) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    list: db
      .prepare(
        `SELECT key, min(first), max(last), sum(count) FROM series JOIN (
           SELECT series, first, last, count FROM chunk
           UNION ALL SELECT series, min(open_time), max(open_time), count(*) FROM tail GROUP BY series
         ) ON series = series.id GROUP BY series.id`,
      )
      .raw(),
  }
}
