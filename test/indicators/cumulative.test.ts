import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { adl } from '../../src/indicators/adl.ts'
import { chaikinOscillator } from '../../src/indicators/chaikin-oscillator.ts'
import { obv } from '../../src/indicators/obv.ts'
import { vwap } from '../../src/indicators/vwap.ts'

const LONG = process.env.TALLOW_TEST_LONG === '1'
const ROWS = LONG ? 10_000_000 : 300_000
const DAY_MS = 86_400_000

/** Volumes in units of 1e-8 that a double holds exactly, so that their sums can be checked by integers. */
function lanes(rows: number): { high: Float64Array; low: Float64Array; close: Float64Array; volume: Float64Array } {
  const close = new Float64Array(rows)
  const volume = new Float64Array(rows)
  let state = 3
  for (let row = 0; row < rows; row++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    close[row] = 100 + (state >>> 24)
    volume[row] = (state >>> 4) / 1e8
  }
  return { high: close.map(price => price + 3), low: close.map(price => price - 1), close, volume }
}

suite(`what adds up all rows, over ${ROWS} of them`, () => {
  const { high, low, close, volume } = lanes(ROWS)

  test('on-balance volume has not drifted', () => {
    const values = obv({ close, volume })
    let units = 0n
    for (let row = 1; row < ROWS; row++) {
      const traded = BigInt(Math.round(volume[row]! * 1e8))
      if (close[row]! > close[row - 1]!) units += traded
      else if (close[row]! < close[row - 1]!) units -= traded
    }
    const exact = Number(units) / 1e8
    assert.ok(Math.abs(values[ROWS - 1]! - exact) <= 1e-12 * Math.abs(exact), `${values[ROWS - 1]} and ${exact}`)
  })

  test('the accumulation line has not drifted', () => {
    // Every close is a quarter up its range: each row adds −0.5 of its volume.
    const values = adl({ high, low, close, volume })
    let units = 0n
    for (const traded of volume) units -= BigInt(Math.round(traded * 1e8))
    const exact = Number(units) / 2e8
    assert.ok(Math.abs(values[ROWS - 1]! - exact) <= 1e-12 * Math.abs(exact), `${values[ROWS - 1]} and ${exact}`)
  })

  test('the average price has not drifted', () => {
    const values = vwap({ high, low, close, volume })
    let [value, traded] = [0n, 0n]
    for (let row = 0; row < ROWS; row++) {
      const units = BigInt(Math.round(volume[row]! * 1e8))
      traded += units
      value += units * BigInt(Math.round(high[row]! + low[row]! + close[row]!))
    }
    const exact = Number((value * 1_000_000_000_000n) / traded / 3n) / 1e12
    assert.ok(Math.abs(values[ROWS - 1]! - exact) <= 1e-12 * exact, `${values[ROWS - 1]} and ${exact}`)
  })
})

test('a Chaikin oscillator is the same however high its line has come', () => {
  const { high, low, close, volume } = lanes(2000)
  const plain = chaikinOscillator({ high, low, close, volume })
  const heavy = volume.slice()
  for (let row = 0; row < 1000; row++) heavy[row] = 1e12
  const after = chaikinOscillator({ high, low, close, volume: heavy })
  for (let row = 1500; row < 2000; row++)
    assert.ok(Math.abs(after[row]! - plain[row]!) <= 1e-9 * Math.abs(plain[row]!), `row ${row}`)
})

test('settling is said to be never for what adds up all rows', () => {
  for (const spec of [obv(), adl(), vwap()]) assert.equal(spec.settle, Infinity)
  assert.ok(Number.isFinite(chaikinOscillator().settle))
})

suite('an anchored average price', () => {
  const hours = Array.from({ length: 24 * 70 }, (_, row) => Date.UTC(2024, 0, 25) + row * 3_600_000)
  const price = hours.map((_, row) => 100 + row)
  const data = { time: hours, high: price, low: price, close: price, volume: hours.map(() => 2) }

  for (const [anchor, starts] of [
    ['day', hours.filter(time => time % DAY_MS === 0)],
    ['week', hours.filter(time => time % DAY_MS === 0 && new Date(time).getUTCDay() === 1)],
    ['month', hours.filter(time => time % DAY_MS === 0 && new Date(time).getUTCDate() === 1)],
  ] as const)
    test(`by ${anchor} begins anew where that begins, and averages since`, () => {
      const values = vwap(data, { anchor })
      const anew = hours.filter((_, row) => values[row] === price[row])
      assert.deepEqual(anew, [...new Set([hours[0]!, ...starts])])
      const second = hours.indexOf(starts[1]!)
      assert.equal(values[second + 2], price[second + 1])
    })

  test('has no value while nothing was traded', () => {
    const quiet = { high: [1, 2, 3], low: [1, 2, 3], close: [1, 2, 3], volume: [0, 0, 4] }
    assert.deepEqual([...vwap(quiet)], [Number.NaN, Number.NaN, 3])
    assert.deepEqual([...vwap(quiet, { period: 1 })], [Number.NaN, Number.NaN, 3])
  })

  test('takes a window or an anchor, not both', () => {
    assert.throws(() => vwap({ period: 5, anchor: 'day' }), /period is 5 and anchor is day/)
  })
})
