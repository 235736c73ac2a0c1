import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rsi } from '../../src/indicators/rsi.ts'

test('only rises give 100, only falls 0, a price that never moved 50', () => {
  const rows = Array.from({ length: 40 }, (_, row) => row)
  assert.deepEqual(
    [...rsi(rows.map(row => 100 + row * 0.1)).slice(14)],
    Array.from({ length: 26 }, () => 100),
  )
  assert.deepEqual(
    [...rsi(rows.map(row => 100 - row * 0.1)).slice(14)],
    Array.from({ length: 26 }, () => 0),
  )
  assert.deepEqual(
    [...rsi(rows.map(() => 100)).slice(14)],
    Array.from({ length: 26 }, () => 50),
  )
})

test('a price that stands still leaves it where it was, however long', () => {
  for (const period of [2, 3, 14]) {
    const closes = [100, 101, 100.5, ...Array.from({ length: 20_000 }, () => 100.25)]
    closes.splice(3, 0, ...Array.from({ length: 20 }, (_, row) => 100 + Math.sin(row)))
    const values = rsi(closes, { period })
    const settled = values[24]!
    assert.ok(settled > 1 && settled < 99)
    const moved = values.slice(24).findIndex(value => Math.abs(value - settled) > 1e-9)
    assert.equal(moved, -1, `period ${period}: it moved after ${moved} rows`)
  }
})

test('after a stretch without a move the first fall and the first rise count in full', () => {
  const flat = Array.from({ length: 30 }, () => 100)
  assert.equal(rsi([...flat, 99]).at(-1), 0)
  assert.equal(rsi([...flat, 101]).at(-1), 100)
})

test('it stays between 0 and 100 to the last bit', () => {
  let price = 100
  const closes = Array.from({ length: 50_000 }, (_, row) => (price *= row % 977 === 0 ? 0.9999 : 1.0001))
  for (const value of rsi(closes, { period: 3 }).subarray(3)) assert.ok(value >= 0 && value <= 100, String(value))
})

test('a missing close gives no value until as many closes as at the start have come', () => {
  const closes = Array.from({ length: 60 }, (_, row) => 100 + Math.sin(row))
  closes[30] = Number.NaN
  const values = rsi(closes, { period: 14 })
  const empty = [...values].flatMap((value, row) => (Number.isNaN(value) ? [row] : []))
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
  assert.deepEqual(empty, [...range(0, 14), ...range(30, 45)])
  assert.deepEqual([...values.slice(45)], [...rsi(closes.slice(31), { period: 14 }).slice(14)])
})
