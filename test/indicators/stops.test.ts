import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { adx } from '../../src/indicators/adx.ts'
import { aroon } from '../../src/indicators/aroon.ts'
import { donchian } from '../../src/indicators/donchian.ts'
import { ichimoku } from '../../src/indicators/ichimoku.ts'
import { psar } from '../../src/indicators/psar.ts'
import { supertrend } from '../../src/indicators/supertrend.ts'

const rows = (count: number): number[] => Array.from({ length: count }, (_, row) => row)
const known = (values: Float64Array): number[] =>
  [...values].flatMap((value, row) => (Number.isNaN(value) ? [] : [row]))

/** Candles that are one price each. */
const flat = (prices: readonly number[]) => ({ high: prices, low: prices, close: prices })

suite('parabolic stop and reverse', () => {
  test('is empty up to and including the first reversal', () => {
    const prices = [10, 11, 12, 13, 5, 4, 3, 2]
    assert.deepEqual(known(psar({ high: prices, low: prices })), [5, 6, 7])
    // The stop of the fall begins at the top of the rise.
    assert.ok(Math.abs(psar({ high: prices, low: prices })[5]! - 13) < 1e-12)
  })

  test('has no value in data that only rises, and from the second row on with a guessed trend', () => {
    const prices = rows(50).map(row => 100 + row)
    assert.deepEqual(known(psar({ high: prices, low: prices })), [])
    assert.deepEqual(known(psar({ high: prices, low: prices }, { start: 'guess' })), rows(50).slice(1))
  })

  test('a step above its maximum is refused', () => {
    assert.throws(() => psar({ step: 0.3 }), /step is 0.3 and max is 0.2/)
  })
})

suite('Donchian channel', () => {
  const prices = rows(30).map(row => 100 + row)

  test('of the rows before, a rising close is above the upper band', () => {
    const { upper } = donchian({ high: prices, low: prices }, { period: 5 })
    assert.deepEqual(known(upper), rows(30).slice(5))
    for (const row of known(upper)) assert.equal(upper[row], prices[row]! - 1)
  })

  test('of rows up to this one, no close ever is', () => {
    const { upper } = donchian({ high: prices, low: prices }, { period: 5, window: 'current' })
    assert.deepEqual(known(upper), rows(30).slice(4))
    for (const row of known(upper)) assert.equal(upper[row], prices[row])
  })
})

suite('Ichimoku', () => {
  const prices = rows(120).map(row => 100 + 10 * Math.sin(row / 7))
  const now = ichimoku(flat(prices))

  test('the spans show what was known 26 rows before', () => {
    for (const row of rows(120).slice(77)) {
      assert.equal(now.senkouA[row], (now.tenkan[row - 26]! + now.kijun[row - 26]!) / 2)
      const window = prices.slice(row - 26 - 51, row - 26 + 1)
      assert.equal(now.senkouB[row], (Math.max(...window) + Math.min(...window)) / 2)
    }
  })

  test('chikou is the close itself, and nothing of the future', () => {
    assert.deepEqual([...now.chikou], prices)
  })
})

test('of equal highs the earliest counts for an Aroon', () => {
  const { up, down } = aroon({ high: [1, 9, 9, 2, 3], low: [5, 5, 5, 5, 5] }, { period: 4 })
  assert.equal(up[4], 25)
  assert.equal(down[4], 0)
})

test('a directional index stays where it was while the price stands still, however long', () => {
  const prices = [...rows(60).map(row => 100 + 3 * Math.sin(row) + row / 20), ...rows(20_000).map(() => 101)]
  const { plusDi, minusDi } = adx(flat(prices), { period: 5 })
  const settled = 70
  assert.ok(plusDi[settled]! > 1 && minusDi[settled]! > 1)
  for (let row = settled; row < prices.length; row += 11) {
    assert.ok(Math.abs(plusDi[row]! - plusDi[settled]!) < 1e-9, `row ${row}`)
    assert.ok(Math.abs(minusDi[row]! - minusDi[settled]!) < 1e-9, `row ${row}`)
  }
})

test('a supertrend turns when a close passes its band, and its value changes sides', () => {
  const prices = [...rows(40).map(row => 100 + row), ...rows(40).map(row => 139 - 2 * row)]
  const { value, upper, lower, direction } = supertrend(flat(prices))
  const turns = rows(80).filter(row => row > 10 && direction[row] !== direction[row - 1])
  assert.equal(turns.length, 1)
  const [turn = 0] = turns
  assert.ok(turn > 40)
  assert.equal(value[turn - 1], lower[turn - 1])
  assert.equal(value[turn], upper[turn])
  assert.ok(prices[turn]! <= lower[turn]! && prices[turn - 1]! > lower[turn - 1]!)
})

test('a window longer than the data takes no more memory than the data', () => {
  const prices = rows(1000)
  const period = 2 ** 31
  for (const values of [
    donchian({ high: prices, low: prices }, { period }).upper,
    aroon({ high: prices, low: prices }, { period }).up,
  ])
    assert.deepEqual(known(values), [])
})
