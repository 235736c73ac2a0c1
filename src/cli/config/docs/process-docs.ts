import type { KeyDocs } from './key-doc.ts'

export const PROCESS_DOCS: KeyDocs = {
  bot: {
    text: 'Name of this bot: 1 to 64 of a-z 0-9 - _. It is part of every order id and a tag on every point; each has its own account.',
  },
  data_dir: {
    text: 'Folder of candle store and ledger, relative to where tallow is started. One daemon at a time. Also TALLOW_DATA_DIR.',
  },
  history: { text: 'How much of the past is loaded and kept.' },
  'history.settle_rows_max': {
    text: 'Most rows per timeframe that are loaded before the first decision, so that indicators settle.',
  },
  'history.origin_rows_max': {
    text: 'Rows since the candle at which indicators began, beyond which they begin anew with a nearer one: at a restart, and while it runs, so that memory stays bounded.',
  },
  'history.decisions_days_max': { text: 'How many days decisions are kept for tallow explain.' },
  market: { text: 'How candles come in.' },
  'market.late_after_ms': {
    text: 'How long after its close a candle may come before the others are decided on without it, exchange time.',
  },
  'market.stale_after_ms': {
    text: 'On a slice that closed longer ago than this (real time) and than a tenth of its bar nothing is entered; past its whole bar nothing is decided: after an outage or a pause nothing is traded at prices of the past. Longer than late_after_ms, else a symbol without a candle holds back the entries of all.',
  },
  'market.close_margin_ms': {
    text: 'A candle counts as closed only so long after its end, exchange time; covers the error of the clock.',
  },
  'market.cache_size_mb': {
    text: 'Memory for recent candles. What was not used for a while lies packed in it, in a sixth of the room.',
  },
  'market.columns_size_mb': {
    text: 'Memory for indicator columns that nobody is using now; those of strategies stay as long as they trade.',
  },
  'market.cache_ttl_seconds': {
    text: 'Series of which nothing new has come for so long are let go, real time; the store has them. 0 keeps them until they are pushed out.',
  },
  'market.cache_cleanup_interval_seconds': {
    text: 'How often the cache lets go of what is too old, and looks whether memory is short.',
  },
  'market.cache_memory_threshold_mb': {
    text: 'Above so much memory of the process the cache shrinks, down to a sixteenth, and grows again when there is room. Absent: four fifths of what machine or container allows.',
    example: '400',
  },
  supervision: { text: 'What guards the process.' },
  'supervision.blocked_after_ms': {
    text: 'The process ends when nothing moves in it for so long, and the strategy that held it up is named. One that did so twice is left out until its file changes. Real time.',
  },
  'supervision.restarts_max': {
    text: 'So many starts without a clean end within the window let the bot only exit, until tallow resume.',
  },
  'supervision.restart_window_s': { text: 'How long that window is.' },
  'supervision.restart_wait_s_max': {
    text: 'From the second such start on each waits: 1 s, 2 s, 4 s, up to this.',
  },
  log: { text: 'What is said about it all.' },
  'log.level': {
    text: 'trace, debug (a line for each slice), info (for each trade, and a summary a minute), warn, error, fatal or silent.',
  },
  'log.file': {
    text: 'JSON lines go there instead of to stderr; a terminal shows them as well. Relative to where tallow is started. SIGHUP opens it anew.',
    example: './tallow.log',
  },
  'log.file_size_mb_max': {
    text: 'A file that has grown past it is put aside with .1 behind its name, and that with .2 and so on.',
  },
  'log.files_max': { text: 'How many files there are at most, the one in use included; the oldest goes.' },
}
