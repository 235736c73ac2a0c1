import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { TallowError } from '../../src/domain/errors.ts'
import { defaultInstrument, type Instrument } from '../../src/domain/instrument.ts'
import { parseDecimal } from '../../src/domain/money.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { frameOf } from '../../src/market/store-writer.ts'
import { series } from './fake-exchange.ts'
import { START, temporaryFolder } from './feed-harness.ts'

const BTC: Instrument = {
  exchange: 'binance',
  symbol: 'BTC/USDT',
  priceTick: parseDecimal('0.05'),
  amountStep: parseDecimal('0.00001'),
  amountMin: parseDecimal('1000000000000'),
  notionalMin: 0n,
}
const CANDLE = { openTime: START, open: 1, high: 2, low: 1, close: 2, volume: 3 }

function storePath(context: TestContext): string {
  const folder = temporaryFolder()
  context.after(folder.remove)
  return join(folder.path, 'candles.db')
}

/** A file as the first schema left it. */
function olderStore(path: string): void {
  const store = CandleStore.open(path)
  store.write(series('BTC/USDT'), frameOf(CANDLE))
  store.close()
  const db = new Database(path)
  db.exec('DROP TABLE instrument; DROP TABLE gap')
  db.exec('ALTER TABLE chunk DROP COLUMN filled; ALTER TABLE chunk DROP COLUMN revised')
  db.pragma('user_version = 1')
  db.close()
}

test('filters come back exactly as they were saved, to each exchange and symbol its own', context => {
  const path = storePath(context)
  const store = CandleStore.open(path)
  context.after(() => store.close())
  const decimal = (min: bigint) => fc.bigInt({ min, max: 10n ** 40n })
  const filters = {
    exchange: fc.constantFrom('binance', 'kraken'),
    symbol: fc.constantFrom('BTC/USDT', 'BTC/USDT:USDT', 'ETH/BTC'),
    priceTick: decimal(1n),
    amountStep: decimal(1n),
    amountMin: decimal(0n),
    notionalMin: decimal(0n),
  }
  const instrument = fc.record(filters, { noNullPrototype: true })
  const kept = new Map<string, Instrument>()
  fc.assert(
    fc.property(fc.array(instrument, { maxLength: 6 }), instruments => {
      store.saveInstruments(instruments, START)
      for (const one of instruments) kept.set(`${one.exchange}:${one.symbol}`, one)
      for (const one of kept.values()) assert.deepEqual(store.instrument(one.exchange, one.symbol), one)
    }),
    { numRuns: 100 },
  )
  assert.equal(store.instrument('binance', 'XRP/USDT'), undefined)
  assert.equal(store.instrument('okx', 'BTC/USDT'), undefined)
})

test('the later of two versions counts, in whichever order they are saved, also after the file was closed', context => {
  const path = storePath(context)
  const [older, newer] = [BTC, { ...BTC, priceTick: parseDecimal('0.01') }]
  for (const [symbol, order] of [
    ['A/B', [older, newer]],
    ['C/D', [newer, older]],
  ] as const) {
    for (const version of order) {
      const store = CandleStore.open(path)
      store.saveInstruments([{ ...version, symbol }], version === newer ? START + 1 : START)
      store.close()
    }
    const reader = CandleStore.open(path, { readonly: true })
    assert.deepEqual(reader.instrument('binance', symbol), { ...newer, symbol })
    reader.close()
  }
})

test('a file of the first schema keeps its candles and takes filters from now on', context => {
  const path = storePath(context)
  olderStore(path)
  const before = CandleStore.open(path, { readonly: true })
  assert.equal(before.instrument('binance', 'BTC/USDT'), undefined)
  const [first, second] = [CandleStore.open(path), CandleStore.open(path)]
  first.saveInstruments([BTC], START)
  assert.deepEqual(second.instrument('binance', 'BTC/USDT'), BTC)
  // A reader that was there before sees it as well.
  assert.deepEqual(before.instrument('binance', 'BTC/USDT'), BTC)
  assert.deepEqual(first.read(series('BTC/USDT'), 0, Infinity).candle(0), CANDLE)
  for (const store of [before, first, second]) store.close()
  const db = new Database(path)
  assert.equal(db.pragma('user_version', { simple: true }), 3)
  assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
  db.close()
})

test('a migration that fails leaves the file as it was', context => {
  const path = storePath(context)
  olderStore(path)
  const db = new Database(path)
  db.exec('CREATE TABLE instrument (something TEXT)')
  assert.throws(() => CandleStore.open(path), /already exists/)
  assert.equal(db.pragma('user_version', { simple: true }), 1)
  db.exec('DROP TABLE instrument')
  db.close()
  const store = CandleStore.open(path)
  store.saveInstruments([BTC], START)
  assert.equal(store.list().length, 1)
  store.close()
})

test('a stored filter that is none is damage, not a grain of zero', context => {
  const path = storePath(context)
  const store = CandleStore.open(path)
  store.saveInstruments([BTC, defaultInstrument('binance', 'ETH/USDT')], START)
  const db = new Database(path)
  for (const text of ['0', '-1', 'abc', '', '1e-30']) {
    db.prepare("UPDATE instrument SET price_tick = ? WHERE symbol = 'BTC/USDT'").run(text)
    assert.throws(
      () => store.instrument('binance', 'BTC/USDT'),
      (error: unknown) => error instanceof TallowError && error.kind === 'never-retry' && error.hint !== undefined,
    )
  }
  assert.deepEqual(store.instrument('binance', 'ETH/USDT'), defaultInstrument('binance', 'ETH/USDT'))
  db.close()
  store.close()
})

test('a store that is locked can be saved to later, and a reader never can', context => {
  const path = storePath(context)
  const store = CandleStore.open(path)
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  assert.throws(
    () => store.saveInstruments([BTC], START),
    (error: unknown) => error instanceof TallowError && error.kind === 'retry-later',
  )
  other.exec('COMMIT')
  other.close()
  store.saveInstruments([BTC], START)
  const reader = CandleStore.open(path, { readonly: true })
  assert.throws(
    () => reader.saveInstruments([BTC], START),
    (error: unknown) => error instanceof TallowError && error.kind === 'never-retry',
  )
  reader.close()
  store.close()
})
