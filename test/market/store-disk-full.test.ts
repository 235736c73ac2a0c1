import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { TallowError } from '../../src/domain/errors.ts'
import { CandleStore } from '../../src/market/candle-store.ts'
import { SmallDisk, withoutSmallDisks } from '../e2e/faults/small-disk.ts'
import { series } from './fake-exchange.ts'
import { writtenRows } from './store-writer.ts'

/** What has been written stays: after some ten times a disk has no room left to give back. */
const TIMES_FULL = 10
const DISKS = process.env.TALLOW_TEST_LONG === '1' ? 20 : 1
const BTC = series('BTC/USDT')

describe(
  `a store on ${DISKS === 1 ? 'a disk' : `${DISKS} disks`}, full ${TIMES_FULL} times`,
  { skip: withoutSmallDisks() },
  () => {
    test('refuses what does not fit as a whole, keeps and gives what it has, and goes on when there is room', context => {
      // Of many sizes, so that it is not always the same page that finds no room.
      for (let disk = 0; disk < DISKS; disk++) fillAgainAndAgain(context, 8 * 1_024 + 92 * disk)
    })
  },
)

function fillAgainAndAgain(context: TestContext, sizeKib: number): void {
  const disk = new SmallDisk(context, sizeKib)
  const store = CandleStore.open(join(disk.folder, 'candles.db'))
  context.after(() => store.close())
  let rows = 0
  let refused = 0
  for (let time = 0; time < TIMES_FULL; time++) {
    store.write(BTC, writtenRows(rows, rows + 1_000))
    rows += 1_000
    disk.fill()
    for (let stretch = 1; stretch <= 200; stretch++) {
      try {
        store.write(BTC, writtenRows(rows, rows + 100 * stretch))
        rows += 100 * stretch
      } catch (error) {
        assert.ok(error instanceof TallowError && error.kind === 'retry-later', String(error))
        assert.match(error.message, /cannot be written/)
        assert.match(error.hint ?? '', /free some disk space/)
        refused++
        break
      }
    }
    assert.equal(store.read(BTC, 0, Infinity).length, rows)
    assert.deepEqual(store.damaged(BTC), [])
    disk.free()
  }
  assert.equal(refused, TIMES_FULL)
  store.write(BTC, writtenRows(rows, rows + 500))
  assert.deepEqual(store.gaps(BTC), [])
}
