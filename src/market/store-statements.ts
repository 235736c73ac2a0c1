import type Database from 'better-sqlite3'
import { ROW_FILLED, ROW_REVISED } from '../frame/candle-frame.ts'

type StatementName =
  | 'seriesId'
  | 'addSeries'
  | 'blobId'
  | 'addBlob'
  | 'updateBlob'
  | 'putChunk'
  | 'chunks'
  | 'countIn'
  | 'index'
  | 'tailRows'
  | 'tailCount'
  | 'newest'
  | 'firstTail'
  | 'addTail'
  | 'dropTail'
  | 'addRevision'
  | 'list'
  | 'revisions'
  | 'gaps'
  | 'putGap'
  | 'dropGaps'
  | 'dropChunk'
  | 'dropBlob'
  | 'damaged'

export type StoreStatements = Readonly<Record<StatementName, Database.Statement>>

/** The candle store's SQL, prepared once. */
export function storeStatements(db: Database.Database): StoreStatements {
  return {
    seriesId: db.prepare('SELECT id FROM series WHERE key = ?').pluck(),
    addSeries: db.prepare('INSERT INTO series (key) VALUES (?)'),
    blobId: db.prepare('SELECT blob_id FROM chunk WHERE series = ? AND bucket = ?').pluck(),
    addBlob: db.prepare('INSERT INTO chunk_blob (crc, rows) VALUES (?, ?)'),
    updateBlob: db.prepare('UPDATE chunk_blob SET crc = ?, rows = ? WHERE id = ?'),
    putChunk: db.prepare(
      'INSERT OR REPLACE INTO chunk (series, bucket, first, last, count, blob_id, filled, revised) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
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
    index: db
      .prepare(
        'SELECT bucket, first, last, count FROM chunk WHERE series = ? AND last >= ? AND first < ? ORDER BY bucket',
      )
      .raw(),
    list: db
      .prepare(
        `SELECT key, min(first), max(last), sum(count), sum(filled), sum(revised),
           (SELECT count(*) FROM revision WHERE revision.series = series.id)
         FROM series JOIN (
           SELECT series, first, last, count, filled, revised FROM chunk
           UNION ALL SELECT series, min(open_time), max(open_time), count(*),
             sum((flags & ${ROW_FILLED}) <> 0), sum((flags & ${ROW_REVISED}) <> 0) FROM tail GROUP BY series
         ) AS part ON part.series = series.id GROUP BY series.id`,
      )
      .raw(),
    revisions: db
      .prepare(
        `SELECT open_time, open, high, low, close, volume FROM revision
         WHERE series = ? AND open_time >= ? AND open_time < ? ORDER BY open_time, id`,
      )
      .raw(),
    gaps: db.prepare('SELECT first, last, cause, at_ms FROM gap WHERE series = ? ORDER BY first').raw(),
    putGap: db.prepare('INSERT OR REPLACE INTO gap (series, first, last, cause, at_ms) VALUES (?, ?, ?, ?, ?)'),
    dropGaps: db.prepare('DELETE FROM gap WHERE series = ? AND last >= ? AND first <= ?'),
    dropChunk: db.prepare('DELETE FROM chunk WHERE series = ? AND bucket = ?'),
    dropBlob: db.prepare('DELETE FROM chunk_blob WHERE id = ?'),
    damaged: db
      .prepare(
        `SELECT bucket, first, last, count, crc, rows FROM chunk LEFT JOIN chunk_blob ON chunk_blob.id = blob_id
         WHERE series = ? ORDER BY bucket`,
      )
      .raw(),
  }
}
